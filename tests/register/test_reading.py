import time

import pytest

from imagine_site.register.reading import MAX_BYTES, Problems, Section, UnreadableFile, read


@pytest.fixture
def written(tmp_path):
    def write(content: str | bytes):
        path = tmp_path / "file.yaml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def refused(written):
    def refuse(content) -> str:
        path = written(content)
        with pytest.raises(UnreadableFile) as caught:
            read(path)
        return str(caught.value).removeprefix(str(path))

    return refuse


def test_values_stay_as_they_were_typed(written):
    root = read(written("a: 2016-07\nb: 2014-06-18\nc: no\nd: 0012\ne: 1e3\nf: ~\ng: '~'\nh:\n"))
    assert [value.text for value in root.entries.values()] == [
        "2016-07",
        "2014-06-18",
        "no",
        "0012",
        "1e3",
        None,
        "~",
        None,
    ]
    assert list(root.lines.values()) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_byte_order_mark_is_no_part_of_the_first_key(written):
    assert "a" in read(written(b"\xef\xbb\xbfa: 1\n")).entries


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", ": empty"),
        (b"# only a comment\n", ": empty"),
        (b"- a\n- b\n", ":1: “key: value” expected at the top"),
        (b"just words\n", ":1: “key: value” expected at the top"),
        ("a: é\nb: 1\n".encode("latin-1"), ":1: not UTF-8 (byte 0xe9)"),
        ("a: x\n\nb: é\n".encode("utf-16"), ":1: not UTF-8 (byte 0xff)"),
        (b"a: 1\nb: \x00\n", ":2: no valid YAML: control characters are not allowed"),
        (b"a: 1\nb: [1, 2\nc: 3\n", ":3: no valid YAML: "),
        (b"a: 1\n\tb: 2\n", ":2: no valid YAML: "),
        (b"a: 1\nb: 2\na: 3\n", ":3: the key “a” stands twice, first on line 1"),
        (b"x:\n  - {a: 1, a: 2}\n", ":2: the key “a” stands twice"),
        (b"a: &x 1\nb: *x\n", ":1: anchors and aliases"),
        (b"a: 1\nb: *x\n", ":2: "),
        (b"a: !!python/object/apply:os.system [id]\n", ":1: tags (!) are not used here"),
        (b"a: !!binary aGk=\n", ":1: tags (!) are not used here"),
        (b"? [a, b]\n: c\n", ":1: a key must be a word"),
        (b"? \n: c\n", ":1: a key must be a word"),
        (b"a: 1\n---\nb: 2\n", ":2: a second document"),
        (b"a: " + b"[" * 30 + b"]" * 30, ":1: nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_refused_by_line_and_reason(refused, content, complaint):
    assert refused(content).startswith(complaint)


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path):
    for path, reason in ((tmp_path / "no.yaml", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(UnreadableFile, match=reason):
            read(path)


def test_a_hundred_nested_copies_are_refused_before_they_unfold(refused):
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for new, old in zip("bcdefghij", "abcdefghi", strict=True):
        bomb += f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    assert "anchors and aliases" in refused(bomb)


def test_a_million_brackets_are_refused_at_once(refused):
    began = time.perf_counter()
    assert refused("a: " + "[" * 1_000_000).startswith(":1: nested too deeply")
    assert time.perf_counter() - began < 5


def test_a_file_of_more_than_five_megabytes_is_refused(refused):
    assert "larger than 5 MB" in refused(b"#" * (MAX_BYTES + 1))


def test_every_problem_is_collected_with_its_place(written):
    root = read(
        written("people:\n  - {nmae: x, age: old, born: 1990-13}\n  - nothing\n  - {name: y}\n")
    )
    problems = Problems("file.yaml")
    top = Section(root, "", problems)
    for section in top.sections("people"):
        section.require("name")
        section.text("name")
        section.integer("age")
        section.partial_date("born")
        section.finish()
    top.finish()
    assert [str(problem) for problem in problems.in_order()] == [
        "file.yaml:2: people[1].name: is missing",
        "file.yaml:2: people[1].age: “old” is no whole number",
        "file.yaml:2: people[1].born: “1990-13” is no date: write 2007, 2016-07 or 2014-06-18.",
        "file.yaml:2: people[1].nmae: is not a key known here. Did you mean “name”?",
        "file.yaml:3: people[2]: “key: value” expected",
    ]


@pytest.mark.parametrize(("text", "read_as"), [("yes", True), ("False", False), ("on", True)])
def test_yes_and_no_are_read_in_the_usual_ways(written, text, read_as):
    assert Section(read(written(f"a: {text}")), "", Problems("")).flag("a") is read_as


def test_a_plain_text_is_a_name_in_both_languages_and_a_sentence_in_english(written):
    section = Section(read(written("a: codoc")), "", Problems(""))
    assert {key: value[0] for key, value in section.bilingual("a", both=True).items()} == {
        "en": "codoc",
        "fr": "codoc",
    }
    assert list(section.bilingual("a", both=False)) == ["en"]


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e999999999", "12,5", "x" * 40])
def test_what_is_no_plain_number_is_refused(written, text):
    problems = Problems("f")
    Section(read(written(f"a: '{text}'")), "", problems).decimal("a")
    assert len(problems) == 1
