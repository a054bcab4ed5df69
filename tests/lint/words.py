#!/usr/bin/env python3
"""Checks that prose uses plain words: words.py [ROOT].

Prose is: comments of C, Python, shell, make, SQL and YAML files, docstrings, messages in src, descriptions of
units and alerts, Markdown pages and manual pages. Faults are: the phrases of PHRASES, some first words of a
comment, lines over WIDTH columns (except rows of tables), and badly formed subjects of the newest commits.
ROOT/tests/lint/words.known has a line "N PATH" for each file that may still have N faults. It may only
shrink."""

import io
import os
import re
import subprocess
import sys
import tokenize

PHRASES = [  # (pattern, what to write instead)
    (r"t(?:ell|ells|old|elling)", "notify, deliver, report, return, show"),
    (r"anew|once more", "again"),
    (r"likewise", "also, or the reason again"),
    (r"for ever", "indefinitely"),
    (r"as (?:it|they) (?:was|were|is|are)(?=[.,;:)]|$)", "unchanged"),
    (r"wholes?", "complete, intact, valid, entire"),
    (r"(?:is|are|was|were) (?:not )?well(?![- ](?:known|formed))", "healthy, unhealthy"),
    (r"troubles?", "problem"),
    (r"(?:what|nothing) (?:became|becomes|came|comes) (?:of|to)|came of", "result, outcome"),
    (r"people's word|by word of|next word", "manual override, set by"),
    (r"who asks?|who asked", "the caller, the client"),
    (r"(?:is|are|was|were) wanted of|what (?:it|they) wants?", "the request, the desired state"),
    (r"takes? effect|took effect|in force", "apply, be active"),
    (r"(?:is|are|was|were|be) gone|went", "was deleted, was removed, disappeared"),
    (r"leaves? out|left out|leaving out|pass(?:es|ed|ing)? over", "skip, omit"),
    (r"look(?:s|ed|ing)? (?:at|over)|(?:a|the|each|every|next|one|first|last) look", "check, inspect, poll"),
    (r"judg(?:e|es|ed|ing|ement|ment)", "evaluate"),
    (r"aside", "quarantined copy"),
    (r"heed(?:s|ed|ing)?", "apply, respect"),
    (r"(?:has|have) come|on (?:its|their) way", "is being promoted, has arrived"),
    (r"(?:put|puts|putting) back", "roll back, restore"),
    (r"hangs? on", "related objects, dependents"),
    (r"mend(?:s|ed|ing)?", "repair, rewrite"),
    (r"in earnest|as it were|so to speak|indeed", "nothing"),
    (r"the very|of (?:its|their) own", "the same, its own"),
    (r"(?:how|what) all is|all is well", "status, health"),
    (r"(?:is|are) done with", "archived"),
]
PHRASE = re.compile(r"\b(?:" + "|".join(f"({p})" for p, _ in PHRASES) + r")\b", re.I)
START = re.compile(r"\s*(?:Of|What|Who|Whose|That)\b(?!.*\?)")
WIDTH, SUBJECT_WIDTH, N_SUBJECTS = 120, 72, 50

# These files are written by tools or compared byte by byte. The texts of migrations are stored in each
# database.
SKIPPED = ("LICENSE", "doc/benchmarks.md", "state/", "tests/golden/", "tests/data/", "tests/fuzz/corpus/", "tests/lint/words.py", "tests/lint/words.known")
PAGES = (".md", ".1", ".5", ".7", ".8", ".head")
HASHED = ("", ".sh", ".mk", ".am", ".ac", ".in", ".yaml", ".service", ".timer", ".socket", ".cfg", ".known", ".tmpfiles", ".sysusers")
C_TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'', re.S)


def numbered(first, text):
    return [(first + i, line) for i, line in enumerate(text.split("\n"))]


def c_prose(text, strings):
    """Yields (is this a comment?, [(line number, text)]) of each comment and, if strings is true, of each
    string with a blank."""
    for m in C_TOKEN.finditer(text):
        line, word = text.count("\n", 0, m.start()) + 1, m[0]
        if word[0] == "/":
            yield True, numbered(line, re.sub(r"^[ \t]*\*(?!/)|\*/$|^/[*/]", "", word, flags=re.M))
        elif word[0] == '"' and " " in word and strings:
            yield False, [(line, word[1:-1].replace("\\n", " "))]


def python_prose(text, _):
    last = tokenize.NEWLINE
    for t in tokenize.generate_tokens(io.StringIO(text).readline):
        if t.type == tokenize.COMMENT:
            yield True, [(t.start[0], t.string[1:])]
        elif t.type == tokenize.STRING and last in (tokenize.NEWLINE, tokenize.INDENT) and t.string.startswith('"""'):
            yield True, numbered(t.start[0], t.string.strip('"'))
        if t.type not in (tokenize.NL, tokenize.COMMENT):
            last = t.type


def hash_prose(text, _):
    for number, line in numbered(1, text):
        m = re.match(r"\s*#(?!!)(.*)|(?:Description=|\s*(?:description|summary): )(.*)", line)
        if m:
            yield m[1] is not None, [(number, m[1] or m[2] or "")]


def sql_prose(text, _):
    for number, line in numbered(1, text):
        if "--" in line:
            yield True, [(number, line.split("--", 1)[1])]


def page_prose(text, _):
    code = False
    for number, line in numbered(1, text):
        if line.startswith("```") or line in (".EX", ".EE", ".nf", ".fi"):
            code = not code
        elif not code:
            yield False, [(number, line)]


def reader(path):
    ext = os.path.splitext(path)[1]
    named = {".c": c_prose, ".h": c_prose, ".py": python_prose, ".sql": sql_prose}
    return named.get(ext) or (page_prose if ext in PAGES else hash_prose if ext in HASHED else None)


def check_text(path, text):
    """Yields (line number, fault) of each fault."""
    read = reader(path)
    for is_comment, lines in read(text, path.startswith("src/")):
        if is_comment and START.match(lines[0][1]):
            yield lines[0][0], f"a comment begins with '{lines[0][1].split()[0]}'; name the actor: subject, verb, object"
        for number, line in lines:
            plain = re.sub(r"`[^`]*`", "`", line)
            for m in PHRASE.finditer(plain):
                yield number, f"'{m[0]}'; write: {PHRASES[m.lastindex - 1][1]}"
    shown = text.split("\n")
    for number in {n for is_comment, lines in read(text, False) for n, line in lines if is_comment or read is page_prose}:
        is_row = read is page_prose and shown[number - 1].startswith("|")  # Markdown cannot break a row of a table
        if len(shown[number - 1]) > WIDTH and not is_row and "http" not in shown[number - 1]:
            yield number, f"{len(shown[number - 1])} columns, more than {WIDTH}"


def files(root):
    for folder, folders, names in sorted(os.walk(root)):
        folders[:] = sorted(f for f in folders if not f.startswith((".", "build", "autom4te", "m4")))
        for name in sorted(names):
            path = os.path.relpath(os.path.join(folder, name), root)
            if path.startswith(SKIPPED) or reader(path) is None or not is_ours(root, path):
                continue
            try:
                with open(os.path.join(root, path), encoding="utf-8") as f:
                    yield path, f.read()
            except UnicodeDecodeError:
                continue


def is_ours(root, path, known={}):  # noqa: B006 the list is read once for each tree
    """Returns False for a file that git does not list, because a tool wrote it into the tree."""
    if root not in known:
        r = subprocess.run(["git", "-C", root, "ls-files"], capture_output=True, text=True)
        known[root] = set(r.stdout.split("\n")) if r.returncode == 0 and r.stdout else None
    return known[root] is None or path in known[root]


def subjects(root):
    r = subprocess.run(["git", "-C", root, "log", "--no-merges", f"-{N_SUBJECTS}", "--format=%h %s"], capture_output=True, text=True)
    return [line.split(" ", 1) for line in r.stdout.split("\n") if " " in line] if r.returncode == 0 else None


def check_subject(subject):
    if len(subject) > SUBJECT_WIDTH:
        return f"{len(subject)} columns, more than {SUBJECT_WIDTH}"
    if subject.endswith("."):
        return "ends with a full stop"
    return None if re.match(r"[\w/., -]+: \S", subject) else "has no 'area: ' in front"


def read_known(root):
    path = os.path.join(root, "tests/lint/words.known")
    if not os.path.exists(path):
        return {}
    with open(path) as f:
        return {line.split()[1]: int(line.split()[0]) for line in f if line.strip() and line[0] != "#"}


def main():
    root = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ".")
    known, n, n_faults, n_known = read_known(root), 0, 0, 0
    for path, text in files(root):
        n += 1
        found = sorted(set(check_text(path, text)))
        if len(found) <= known.get(path, 0):
            n_known += len(found)
            continue
        n_faults += len(found)
        for line, why in found:
            print(f"{path}:{line}: {why}")
    commits = subjects(root)
    for commit, subject in commits or []:
        why = check_subject(subject)
        if why:
            n_faults += 1
            print(f"commit {commit}: {why}: {subject}")
    history = "no history" if commits is None else f"{len(commits)} commits"
    print(f"words: {n} files, {history}, {n_known} known faults, {n_faults} faults")
    return 1 if n_faults or n == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
