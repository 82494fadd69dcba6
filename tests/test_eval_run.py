"""A whole evaluation with a stand-in for the product: figures, run file, report, comparison, floors, options."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.check import figures_of, verdict_of
from app.engines.llm.budget import Usage
from app.errors import CorpusError, SettingsError, UsageError
from app.guideline import load_guideline
from app.manuscript import apply_edits
from app.records import Answer, Bio, Bios, Declined, Edit, Finding, Review, Revision
from app.settings import Settings
from evals.compare import compare
from evals.floors import breaches, read_floors
from evals.measures import MEASURES, culprits, flatten, measure, shown
from evals.record import read_run
from evals.run import main
from evals.score import Result, Score

CORPUS = Path(__file__).parents[1] / "corpus" / "iso-social-media"
GUIDELINE = load_guideline(CORPUS)


class FakeAssistant:
    """Finds a rule where its word stands, takes the word out, answers 'no', knows one bio pattern."""

    words = {"secret": "no-confidential", "idiot": "no-offence", "synergy": "plain-language"}
    settings = Settings()
    guideline = GUIDELINE

    def engine_name(self, engine=None):
        return engine or "offline"

    def check(self, draft, field="post"):
        found = []
        for word, rule in self.words.items():
            for m in re.finditer(word, draft.text):
                entry = GUIDELINE.rules[rule]
                found.append(Finding(rule, entry.level, m.start(), m.end(), "It says so.", entry.passages[0], confidence=0.9, source="judge"))
        return Review(draft, tuple(found), verdict_of(found), figures_of(draft))

    def revise(self, draft):
        before = self.check(draft)
        edits = tuple(Edit(n, f.start, f.end, "", f.rule, "why") for n, f in enumerate(before.findings, start=1))
        text = apply_edits(draft.text, edits)
        return Revision(text, edits, before, self.check(type(draft)(text, draft.platform, draft.account, draft.audience)))

    def ask(self, question):
        if "explode" in question:
            raise ValueError("it went off")
        passage = GUIDELINE.passages["no-confidential.1"]
        return Answer("no", "Better not. It is confidential.", (), ("no-confidential",), (passage,))

    def bio(self, profile):
        bios = tuple(Bio(f"{kind} at ISO, {profile.role}.", None) for kind in ("Gardener", "Cook", "Reader"))
        return Bios(bios, ("@" + profile.name.replace(" ", "")[:14],), declined=(Declined(profile.wishes, "speak-for-yourself", ""),) if profile.wishes else ())

    class judge:
        @staticmethod
        def question(text):
            return SimpleNamespace(answers={"no": 0.8, "yes": 0.2})

    class retriever:
        @staticmethod
        def search(question, k):
            return [SimpleNamespace(entry=e, score=1.0) for e in ("no-confidential", "no-offence")][:k]


def post(id, text, violations=(), verdict="ready", **more):
    words = {"no-confidential": "secret", "no-offence": "idiot"}
    record = {
        "id": id, "voice": "V1", "platform": "twitter", "account": "personal", "audience": "", "text": text,
        "violations": list(violations), "acceptable": [], "verdict": verdict, "evidence": {v: words[v] for v in violations},
        "keep": [], "gone": [], "hard": False, "pair": None, "note": "a note",
    }
    return record | more


POSTS = [
    post("P1", "A fine day <script>alert(1)</script> in May.", keep=["May"]),
    post("P2", "It is a secret, 12 votes.", ["no-confidential"], "ask", gone=["secret"], keep=["12"]),
    post("P3", "What synergy we have.", hard=True),
    post("P4", "You idiot of a man, keep the secret.", ["no-offence"], "revise", gone=["idiot", "a man"], acceptable=["no-confidential"]),
    post("P5", "Such an 1d1ot.", ["no-offence"], "revise", evidence={"no-offence": "1d1ot"}, gone=["1d1ot"], pair="P1"),
]
QUESTIONS = [
    {"id": "Q1", "voice": "v", "question": "May I tell?", "answer": "no", "rules": ["no-confidential"], "also": [], "conditions": [], "draft": None, "note": ""},
    {"id": "Q2", "voice": "v", "question": "May I sing?", "answer": "yes", "rules": ["be-positive"], "also": ["no-offence"], "conditions": [], "draft": None, "note": ""},
    {"id": "Q3", "voice": "v", "question": "Where is the canteen?", "answer": "out-of-scope", "rules": [], "also": [], "conditions": [], "draft": None, "note": ""},
]
PROFILES = [
    {"id": "R1", "name": "Ann Bo", "role": "Clerk", "interests": [], "wishes": "", "declines": [], "note": ""},
    {"id": "R2", "name": "Cy Do", "role": "Clerk", "interests": [], "wishes": "voice of ISO", "declines": ["speak-for-yourself"], "note": ""},
]
BIOS = [{"id": "B1", "bio": "An idiot.", "handle": "@a_bcd", "display_name": "Ann", "violations": ["no-offence"], "field": {"no-offence": "bio"}, "verdict": "revise", "note": ""}]
FUNCTION = [
    {"function": "plain-insult", "title": "Plain insult", "why": "The plainest."},
    {"function": "plain-insult", "id": "plain-insult-01", "platform": "twitter", "account": "personal", "text": "idiot", "rule": "no-offence", "expect": "found", "verdict": "revise", "note": ""},
    {"function": "plain-insult", "id": "plain-insult-02", "platform": "twitter", "account": "personal", "text": "1d1ot", "rule": "no-offence", "expect": "found", "verdict": "revise", "note": ""},
]


def write(path, rows):
    path.write_text("\n".join(json.dumps(r) for r in rows) + "\n", encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    """A folder of a few cases, and floors that hold."""
    cases = tmp_path / "cases"
    (cases / "functions").mkdir(parents=True)
    write(cases / "posts.jsonl", POSTS)
    write(cases / "posts-second.jsonl", [{"id": p["id"], "violations": p["violations"]} for p in POSTS])
    write(cases / "questions.jsonl", QUESTIONS)
    write(cases / "questions-second.jsonl", [{"id": q["id"], "answer": q["answer"], "rules": q["rules"]} for q in QUESTIONS])
    write(cases / "profiles.jsonl", PROFILES)
    write(cases / "bios.jsonl", BIOS)
    write(cases / "functions" / "plain-insult.jsonl", FUNCTION)
    (tmp_path / "floors.toml").write_text('[at_least]\n"posts.verdict_accuracy" = 0.1\n', encoding="utf-8")
    return tmp_path


def evaluate(folder, *words, assistant=None):
    """Run an evaluation; give its exit status, the run and the report's text."""
    out = folder / f"out{len(list(folder.glob('out*')))}"
    argv = ["--cases", str(folder / "cases"), "--floors", str(folder / "floors.toml"), "--out", str(out), *words]
    status = main(argv, Settings(), assistant or FakeAssistant())
    return status, read_run(next(out.glob("*.json"))), next(out.glob("*.html")).read_text(encoding="utf-8")


def test_figures_of_posts(folder):
    status, run, _ = evaluate(folder)
    figures = run.figures["posts"]
    assert status == 0
    # P1, P2 and P3 right; P4 says "ask" where "revise" was expected, P5 is let through
    assert figures["verdict_accuracy"] == pytest.approx(3 / 5)
    assert figures["let_through"] == pytest.approx(1 / 3)
    assert figures["stopped"] == 0
    assert figures["tables"]["confusion"]["counts"] == [[2, 0, 0], [1, 0, 1], [0, 0, 1]]
    table = figures["tables"]["rules"]
    assert (table["no-offence"]["recall"], table["no-offence"]["precision"]) == (0.5, 1.0)
    assert table["no-confidential"]["said"] == 1, "the acceptable one in P4 counts neither way"
    assert table["plain-language"]["false_alarms"] == 1
    assert figures["evidence"] == 1.0
    # three labelled or false findings at 0.9 of which two are right; the acceptable one is left out
    assert figures["calibration_error_judge"] == pytest.approx(0.9 - 2 / 3)
    assert figures["pairs_right"] == 0.0


def test_figures_of_revisions(folder):
    _, run, _ = evaluate(folder)
    figures = run.figures["revisions"]
    assert figures["ready"] == 1.0
    assert figures["gone"] == pytest.approx((1 + 0.5 + 0) / 3)
    assert figures["mended"] == pytest.approx(1 / 3), "P2 alone: all gone and ready"
    assert figures["kept_all"] == 1.0
    assert figures["fine_left_alone"] == 0.5, "P3 was changed though nothing is wrong with it"
    assert figures["handed_back"] == pytest.approx(1 / 3)
    assert figures["stable"] == figures["edits_apply"] == 1.0
    assert figures.get("by_model") is None


def test_figures_of_the_other_parts(folder):
    _, run, _ = evaluate(folder)
    asked = run.figures["questions"]
    assert asked["decision_accuracy"] == pytest.approx(1 / 3)
    assert asked["abstain_recall"] == 0 and asked["verbatim"] == 1.0
    assert asked["rule"] == 0.5 and asked["coverage"] == 1.0
    assert run.figures["bios"]["constraints"] == 1.0 and run.figures["bios"]["declines_f1"] == 1.0
    assert run.figures["bios"]["existing_verdict"] == 1.0
    assert run.figures["functions"]["score"] == 0.5
    assert run.figures["functions"]["tables"]["functions"]["plain-insult"]["failed"] == ["plain-insult-02"]
    found = run.figures["retrieval"]
    assert (found["recall@1"], found["hit@1"], found["hit@3"]) == (0.5, 0.5, 1.0)
    assert found["reciprocal_rank"] == pytest.approx((1 + 1 / 2) / 2)


def test_the_same_seed_gives_the_same_figures(folder):
    first, second = (evaluate(folder, "--limit", "2", "--seed", "3")[1] for _ in range(2))
    assert {k: v for k, v in first.figures.items() if k != "speed"} == {k: v for k, v in second.figures.items() if k != "speed"}
    assert [r.id for r in first.results] == [r.id for r in second.results]


def test_only_runs_the_parts_named(folder):
    _, run, page = evaluate(folder, "--only", "functions,retrieval")
    assert {r.part for r in run.results} == {"functions", "retrieval"}
    assert "posts" not in run.figures and "Contrast functions" in page


@pytest.mark.parametrize("words", [["--only", "poems"], ["--limit", "0"], ["--limit", "many"], ["--compare", "last"], ["--unknown"]])
def test_wrong_usage_is_said(folder, words):
    with pytest.raises(UsageError):
        evaluate(folder, *words)


def test_a_case_that_raises_is_counted_and_the_rest_go_on(folder):
    write(folder / "cases" / "questions.jsonl", [QUESTIONS[0], QUESTIONS[1] | {"question": "Will it explode?"}])
    _, run, page = evaluate(folder)
    crashed = [r for r in run.results if "runs" in r.scores]
    assert [r.id for r in crashed] == ["Q2"] and run.about["crashed"] == 1
    assert "ValueError: it went off" in page


def test_a_broken_floor_is_exit_status_1_and_names_the_cases(folder, capsys):
    (folder / "floors.toml").write_text('[at_least]\n"posts.verdict_accuracy" = 0.9\n"functions.plain-insult.score" = 0.6\n[at_most]\n"posts.let_through" = 0.0\n', encoding="utf-8")
    status, _, page = evaluate(folder)
    said = capsys.readouterr().out
    assert status == 1
    assert "posts.verdict_accuracy is 60.0" in said and "posts.let_through is 33.3" in said
    assert re.search(r"verdict_accuracy.*\n\s+P4 P5\n", said)
    assert "plain-insult-02" in said and "plain-insult-02" in page


def test_floors_are_not_checked_on_a_sample(folder):
    (folder / "floors.toml").write_text('[at_least]\n"posts.verdict_accuracy" = 0.99\n', encoding="utf-8")
    assert evaluate(folder, "--limit", "3")[0] == 0


def test_a_floor_for_an_unknown_figure_is_an_error(folder):
    (folder / "floors.toml").write_text('[at_least]\n"posts.beauty" = 0.5\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"posts\.beauty"):
        evaluate(folder)


@pytest.mark.parametrize("text", ["[at_best]\n", '[at_least]\n"posts.verdict_accuracy" = "high"\n', "not toml"])
def test_a_broken_floors_file_is_named(tmp_path, text):
    path = tmp_path / "floors.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="floors.toml"):
        read_floors(path)


def test_the_floors_that_come_with_presend_name_figures_that_exist():
    bounds = read_floors(CORPUS.parents[1] / "evals" / "floors.toml")
    named = [*bounds["at_least"], *bounds["at_most"]]
    assert named, "no floor is set"
    for name in named:
        assert name in MEASURES or name.startswith(("functions.", "posts.rules.")), name


def test_a_comparison_names_what_moved(folder):
    _, before, _ = evaluate(folder)
    out = next((folder / "out0").glob("*.json"))

    class Worse(FakeAssistant):
        words = {"idiot": "no-offence", "synergy": "plain-language", "1d1ot": "no-offence"}

    status, after, page = evaluate(folder, "--compare", str(out), assistant=Worse())
    moves = compare(before, after)
    assert {m.after.id for m in moves.worse} == {"P2"}
    assert {m.after.id for m in moves.better} == {"P4", "P5", "plain-insult-02"}
    assert any(m.name == "functions.plain-insult.score" and m.gain == 0.5 for m in moves.figures)
    assert 'id="changes"' in page and "P2" in page


def test_a_file_that_is_no_run_is_said(tmp_path):
    path = tmp_path / "run.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match="not a run file"):
        read_run(path)


class Balance(HTMLParser):
    """Counts tags that are not closed, and collects every address."""

    VOID = {"meta", "br", "circle", "line", "rect", "polyline", "path"}

    def __init__(self):
        super().__init__()
        self.open, self.addresses, self.tags, self.policies = [], [], set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.addresses += [v for k, v in attrs if k in ("href", "src", "action", "poster", "data", "xlink:href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.addresses += [v for k, v in attrs if k in ("href", "src")]
        if ("http-equiv", "Content-Security-Policy") in attrs:
            self.policies.append(dict(attrs)["content"])

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_report_stands_alone_and_escapes_what_people_wrote(folder):
    _, _, page = evaluate(folder)
    reader = Balance()
    reader.feed(page)
    assert reader.open == []
    assert all(a.startswith("#") for a in reader.addresses)
    assert not reader.tags & {"script", "link", "img", "iframe", "object"}
    assert "url(" not in page and "@import" not in page
    assert reader.policies == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert "The second reader wrote none of the cases" in page


def test_every_square_of_the_wall_leads_to_a_post(folder):
    _, _, page = evaluate(folder)
    anchors = set(re.findall(r'id="([^"]+)"', page))
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links <= anchors
    assert {"case-P4", "case-P5"} <= links


def test_every_figure_of_a_run_has_a_title_or_is_a_count(folder):
    _, run, _ = evaluate(folder)
    for name in flatten(run.figures):
        kind = measure(name)
        assert kind.title != name or name.endswith((".n", "existing_n")), name


def test_those_to_blame_for_a_figure():
    bad = Result("posts", "P9", "x", {"verdict": Score(0, "why")}, {"expected": {"verdict": "ask", "violations": ["no-offence"]}, "verdict": "ready", "findings": []})
    good = Result("posts", "P8", "x", {"verdict": Score(1, "why")}, {"expected": {"verdict": "ready", "violations": []}, "verdict": "ready", "findings": []})
    assert culprits("posts.let_through", [bad, good]) == [bad]
    assert culprits("posts.rules.no-offence.recall", [bad, good]) == [bad]
    assert culprits("posts.stopped", [bad, good]) == []
    assert breaches({"at_least": {}, "at_most": {"posts.let_through": 0.5}}, {"posts": {"let_through": 0.6}}, [bad, good], Path("f"))[0].cases == (bad,)


def test_figures_are_written_for_people():
    assert [shown(0.8456, "share"), shown(12.4, "ms"), shown(1.23, "ms"), shown(None, "share")] == ["84.6\u00a0%", "12\u00a0ms", "1.2\u00a0ms", "–"]


def test_public_sets_are_measured_and_absent_ones_named(folder, tmp_path):
    public = tmp_path / "public"
    public.mkdir()
    write(public / "offence.jsonl", [{"text": "idiot", "label": "offensive"}, {"text": "dear", "label": "not-offensive"}])
    write(public / "tweet-length.jsonl", [{"text": "abc", "length": 3}, {"text": "https://example.com/a-very-long-address-indeed", "length": 23}])
    _, run, _ = evaluate(folder, "--only", "functions", "--public", str(public))
    found = {p["name"]: p for p in run.public}
    assert found["offence"]["rows"][0]["shown"] == "1.000"
    assert found["tweet length"]["rows"][0]["shown"] == "100.0\u00a0%"
    assert "is not in" in found["neutrality"]["missing"]
    write(public / "offence.jsonl", [{"text": "idiot"}])
    with pytest.raises(CorpusError, match=r"offence\.jsonl:1"):
        evaluate(folder, "--only", "functions", "--public", str(public))


def test_peers_that_are_missing_are_named_not_faked(folder, monkeypatch):
    from evals import peers

    def absent(assistant):
        raise ImportError("no such tool", name="nosuchtool")

    def shouter(assistant):
        return lambda text: {"no-offence": float("idiot" in text)}

    monkeypatch.setattr(peers, "PEERS", (peers.Peer("ghost", "how", ("no-offence",), absent), peers.Peer("shouter", "how", ("no-offence",), shouter)))
    _, run, page = evaluate(folder, "--only", "posts", "--peers")
    assert run.peers[0]["missing"].startswith("not installed (nosuchtool)")
    assert run.peers[1]["rows"][0]["peer"] == pytest.approx(2 / 3)
    assert run.peers[1]["rows"][0]["ours"] == pytest.approx(2 / 3)
    assert "nosuchtool" in page


def test_tokens_and_cost_of_a_model_are_reported(folder, capsys):
    class Modelled(FakeAssistant):
        settings = Settings(model="small", price_in=2.0, price_out=10.0)

        def __init__(self):
            self._model = SimpleNamespace(usage=Usage(3, 1_000_000, 100_000))

    (folder / "floors.toml").write_text('[at_least]\n"posts.verdict_accuracy" = 0.99\n', encoding="utf-8")
    status, run, page = evaluate(folder, "--engine", "llm", assistant=Modelled())
    assert status == 0, "floors are set for the offline engine"
    assert run.figures["cost"] == {"requests": 3, "tokens_read": 1_000_000, "tokens_written": 100_000, "cost": 3.0}
    assert "tokens read 1,000,000" in capsys.readouterr().out and "the model small" in page
