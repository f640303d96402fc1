#!/usr/bin/env python3
"""Checks a published log, independently of plumbline: written from docs/log-format.md alone.

usage: log_verify.py FOLDER KEY [HASH]     KEY: the verifier key, or a file that holds it; HASH: sha256, sm3;
                                           without it the one that goes with the key, Ed25519 or SM2

Every hash of every tile is worked out again, from the leaves where the folder has them, up to the
signed root. Says how much it checked and exits 0; or says what does not hold, or that there was
nothing to check, and exits 1. Python 3 standard library only."""
import base64
import hashlib
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True
import national  # noqa: E402  SM2 and SM3, beside this file

SM2_TYPE = b"\xffplumbline/sm2-sm3"
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def need(condition, message):
    if not condition:
        raise ValueError(message)


def add(p, q):
    """Ed25519 (RFC 8032 section 5.1) in affine coordinates: slow, and short."""
    k = D * p[0] * q[0] * p[1] * q[1] % P
    return ((p[0] * q[1] + q[0] * p[1]) * pow(1 + k, -1, P) % P, (p[1] * q[1] + p[0] * q[0]) * pow(1 - k, -1, P) % P)


def times(n, p):
    result = (0, 1)
    for bit in bin(n)[2:]:
        result = add(result, result)
        result = add(result, p) if bit == "1" else result
    return result


def point(data):
    y = int.from_bytes(data, "little") & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    need(y < P and x * x % P == square, "签名或公钥不是曲线上的点")
    return (P - x if x & 1 != data[31] >> 7 else x), y


BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def is_signed(key, message, signature):
    if key[3] == "sm3":
        return national.is_signed(key[2], message, signature)
    public = key[2]
    s = int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    return len(signature) == 64 and s < ORDER and times(s, BASE) == add(point(signature[:32]), times(h, point(public)))


def read_key(text):
    name, key_id, encoded = text.strip().split("+", 2)
    data = base64.b64decode(encoded, validate=True)
    is_sm2 = data.startswith(SM2_TYPE) and len(data) == len(SM2_TYPE) + 65
    need(is_sm2 or len(data) == 33 and data[0] == 1, "密钥：不是 Ed25519，也不是 SM2")
    need(hashlib.sha256(name.encode() + b"\n" + data).hexdigest()[:8] == key_id, "密钥：编号与公钥不符")
    return (name, bytes.fromhex(key_id)) + ((data[len(SM2_TYPE):], "sm3") if is_sm2 else (data[1:], "sha256"))


def signers(note, keys):
    """The text of a note, and which of the keys signed it; a wrong signature of one of them refuses it."""
    text, _, lines = note.rpartition("\n\n")
    found = []
    for line in lines.splitlines():
        _, name, encoded = line.split(" ")
        data = base64.b64decode(encoded, validate=True)
        for key in keys:
            if (name, data[:4]) == key[:2]:
                need(is_signed(key, (text + "\n").encode(), data[4:]), "签名不成立")
                found.append(key)
    need(found, "没有这把密钥的签名")
    return text, found


def read_head(note, keys):
    text, found = signers(note, keys)
    origin, size, root = text.split("\n")[:3]
    need(origin == keys[0][0] and re.fullmatch("0|[1-9][0-9]*", size), "存证点：格式")
    return int(size), base64.b64decode(root, validate=True), found


class Log:
    def __init__(self, folder, hash_name, size):
        self.folder, self.size, self.n_files = folder, size, 1
        self.hash = national.hash_of(hash_name)

    def node(self, left, right):
        return self.hash(b"\1" + left + right)

    def root(self, hashes):
        """The root of hashes side by side, each of a full subtree (RFC 6962 section 2.1)."""
        if len(hashes) == 1:
            return hashes[0]
        half = 1 << (len(hashes) - 1).bit_length() - 1
        return self.node(self.root(hashes[:half]), self.root(hashes[half:]))

    def read(self, kind, index, width):
        digits = f"{index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[i:i + 3] for i in range(0, len(digits), 3)]
        path = "/".join(["x" + g for g in groups[:-1]] + groups[-1:])
        full = self.folder / "tile" / kind / path
        part = full.with_name(full.name + ".p") / str(width)
        use = part if width < 256 and part.exists() else full
        need(use.exists(), f"没有文件 {use}")
        self.n_files += 1
        return use.read_bytes()

    def tile(self, level, index, width):
        data = self.read(str(level), index, width)
        need(len(data) in (width * 32, 8192), f"哈希块 {level}/{index}：长度")
        return [data[i:i + 32] for i in range(0, width * 32, 32)]

    def entries(self, index, width):
        data, found = self.read("entries", index, width), []
        while data and len(found) < width:
            n = int.from_bytes(data[:2], "big")
            need(0 < n <= len(data) - 2, f"条目 {index}：长度")
            found.append(data[2:2 + n])
            data = data[2 + n:]
        need(len(found) == width, f"条目 {index}：不足 {width} 条")
        return found

    def level(self, level):
        """All hashes of the tiles of a level."""
        n = self.size >> 8 * level
        return [h for i in range(-(-n // 256)) for h in self.tile(level, i, min(256, n - 256 * i))]

    def check(self):
        """Every tile follows from those below it; returns the leaves' hashes."""
        leaves = below = self.level(0)
        for level in range(1, 8):
            stored = self.level(level)
            for i, hash_ in enumerate(stored):
                need(self.root(below[256 * i:256 * i + 256]) == hash_, f"哈希块 {level}/{i // 256} 与下层不符")
            below = stored
        return leaves

    def check_entries(self, leaves):
        n = self.size if (self.folder / "tile/entries").exists() else 0
        for i in range(-(-n // 256)):
            for k, leaf in enumerate(self.entries(i, min(256, self.size - 256 * i)), 256 * i):
                need(self.hash(b"\0" + leaf) == leaves[k] and json.loads(leaf)["seq"] == k, f"第 {k} 条与它的哈希不符")
        return n


def follow(folder, keys, log):
    """Keys that took over (section 8): each line is a proof whose event names the old and the new key."""
    path, newest = folder / "log-keys", (0, None)
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        proof = json.loads(line)
        shown = {f["name"]: f["value"] for f in proof["fields"]["fields"]}
        new = read_key(shown["key"])
        if not any(k in (read_key(shown["from"]), new) for k in keys):
            continue
        size, root, _ = read_head(proof["checkpoint"], keys)
        need(len(signers(proof["checkpoint"], [read_key(shown["from"]), new])[1]) == 2, "交接没有两把密钥的签名")
        leaf, data = json.loads(proof["leaf"]), b""
        need((leaf["procedure"], leaf["act"]) == ("site", "log_key"), "不是更换密钥的记录")
        for f in proof["fields"]["fields"]:
            name, value = f["name"].encode(), json.dumps(f["value"], ensure_ascii=False).encode()
            data = log.hash(b"\2" + bytes.fromhex(f["salt"]) + len(name).to_bytes(2, "big") + name + value)
            need(data.hex() in proof["fields"]["digests"], "交接的字段不符")
        need(log.hash(b"\3" + bytes.fromhex("".join(proof["fields"]["digests"]))).hex() == leaf["data"], "交接的摘要不符")
        newest = (size, new, root, leaf["seq"], log.hash(b"\0" + proof["leaf"].encode()))
        keys = keys + [new]
    return keys, newest


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    try:
        keys = [read_key(sys.argv[2] if "+" in sys.argv[2] else pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"))]
        log = Log(folder, sys.argv[3] if len(sys.argv) == 4 else keys[0][3], 0)
        keys, newest = follow(folder, keys, log)
        log.size, root, found = read_head((folder / "checkpoint").read_text(encoding="utf-8"), keys)
        need(log.size > 0, "没有可以核对的内容")
        need(log.size <= newest[0] or newest[1] is None or newest[1] in found, "旧密钥在更换之后签名")
        leaves = log.check()
        need(log.root(leaves) == root, "根哈希与签名的存证点不符")
        if newest[1] is not None:
            need(log.root(leaves[:newest[0]]) == newest[2] and leaves[newest[3]] == newest[4], "交接的存证点不是这个账本的")
        n = log.check_entries(leaves)
    except (OSError, ValueError, KeyError, IndexError, TypeError) as why:
        sys.exit(f"不成立：{why}")
    print(f"成立：{log.size} 条，核对哈希 {len(leaves)} 个，条目原文 {n} 条，文件 {log.n_files} 个")


if __name__ == "__main__":
    main()
