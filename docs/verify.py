#!/usr/bin/env python3
"""Checks a Kitei bundle without Kitei: python3 verify.py DIRECTORY [VERIFIER_KEY]. Says OK, or what is wrong first."""
import base64, functools, hashlib, json, pathlib, subprocess, sys, tempfile
DER = bytes.fromhex("302a300506032b6570032100")  # what stands before an Ed25519 key in a DER file: RFC 8410
def sha(*parts): return hashlib.sha256(b"".join(parts)).digest()
def need(right, wrong): right or sys.exit("WRONG: " + wrong)
def signed(key, text, signature):  # Ed25519 by the cryptography package, or else by the openssl command
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        return Ed25519PublicKey.from_public_bytes(key).verify(signature, text) is None
    except ImportError:
        with tempfile.TemporaryDirectory() as folder:
            for name, data in ("key", DER + key), ("text", text), ("signature", signature):
                pathlib.Path(folder, name).write_bytes(data)
            call = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in text -sigfile signature".split()
            return not subprocess.run(call, cwd=folder, capture_output=True).returncode
    except Exception: return False  # InvalidSignature, which has no name without the package
def climb(leaf, at, last, path):  # from a leaf to the root: RFC 9162, section 2.1.3.2
    for sibling in path:
        left = at & 1 or at == last
        leaf = sha(b"\1", sibling, leaf) if left else sha(b"\1", leaf, sibling)
        while left and at and not at & 1: at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
    return leaf if last == 0 else None
def top(peaks):  # the root from the complete subtrees at the right edge: RFC 6962, section 2.1
    return functools.reduce(lambda root, peak: sha(b"\1", peak[0], root), peaks[-2::-1], peaks[-1][0])
def check(folder, trusted=None):
    read, book = lambda file: (folder / file).read_bytes(), json.loads((folder / "manifest.json").read_bytes())
    (name, short, key), about, whole = book["verifier_key"].split("+", 2), book["about"], book["coverage"] == "whole"
    key, heads, peaks, due = base64.b64decode(key), {}, [], 0
    recorded = {file.get("event"): b"" for file in book["files"]}
    fits = key[:1] == b"\1" and sha(name.encode(), b"\n", key)[:4].hex() == short
    need(fits and trusted in (None, book["verifier_key"]), "the verifier key is not the one given, or not a key")
    for file in (entry["file"] for entry in book["checkpoints"]):  # C2SP signed-note and tlog-checkpoint
        text, _, lines = read(file).rpartition(b"\n\n")
        lines = [(who, base64.b64decode(data)) for _, who, data in map(str.split, lines.decode().splitlines())]
        ours = [data[4:] for who, data in lines if who == name and data[:4].hex() == short]
        need(ours and all(signed(key[1:], text + b"\n", data) for data in ours), f"{file}: the signature does not hold")
        origin, size, root = (kind(part) for kind, part in zip((str, int, base64.b64decode), text.decode().split("\n")))
        need(origin == about["origin"] and heads.setdefault(size, root) == root, f"{file}: another log or another past")
    for events, proofs in zip(book["events"], book["proofs"], strict=True):
        lines, hints = [read(entry["file"]).split(b"\n")[:-1] for entry in (events, proofs)]
        need(len(lines) == len(hints) == events["count"], f"{events['file']} has not as many events as it should")
        for line, hint in zip(lines, map(json.loads, hints)):
            seq, leaf, path = hint["seq"], sha(b"\0", line), map(bytes.fromhex, hint["path"])
            need(leaf.hex() == hint["leaf"], f"event {seq} was altered: its bytes do not have its leaf hash")
            event, peaks = json.loads(line), peaks + [(leaf, 1)]
            need((event["org"], event["seq"]) == (about["organisation"], seq) and seq >= due, f"{seq} is another event")
            need(whole or climb(leaf, seq, size - 1, path) == root, f"event {seq} is not proven to be in the log")
            while peaks[1:] and peaks[-1][1] == peaks[-2][1]:
                peaks[-2:] = [(sha(b"\1", peaks[-2][0], peaks[-1][0]), 2 * peaks[-1][1])]
            due, recorded[seq if seq in recorded else None] = seq + 1, line
            need(not whole or due not in heads or heads[due] == top(peaks), f"before event {due} something was changed")
    need(due == size if whole else due <= size, f"the events end at {due}, the last checkpoint at {size}")
    for entry in sum((book[part] for part in ("checkpoints", "events", "proofs", "files")), []):
        logged = "event" not in entry or entry["sha256"].encode() in recorded[entry["event"]]
        need(logged and sha(read(entry["file"])).hex() == entry["sha256"], f"{entry['file']} was altered")
    print(f"OK: {sum(events['count'] for events in book['events'])} events, {len(book['files'])} files, {size} signed")
try: check(pathlib.Path(sys.argv[1]), *sys.argv[2:3])
except (OSError, ValueError, LookupError, NameError, TypeError) as error: need(False, f"{type(error)} {error}")
