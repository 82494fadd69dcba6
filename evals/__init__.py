"""The evaluation suite: what presend can do, in numbers that anyone can run (`presend eval`)."""
