"""presend: a check of social media drafts against an organisation's own guideline."""
