#!/usr/bin/env python3
"""Checks a proof file, independently of plumbline: written from docs/log-format.md alone.

usage: proof_verify.py FILE KEY      KEY: the verifier key, or a file that holds it
Prints what the proof shows and exits 0, or why it does not hold and exits 1. Python 3 standard
library only; Ed25519 (RFC 8032 section 5.1.7) is worked out here, SM2 and SM3 in national.py."""
import base64
import hashlib
import json
import re
import sys

sys.dont_write_bytecode = True
import national  # noqa: E402  SM2 and SM3, beside this file

SM2_TYPE = b"\xffplumbline/sm2-sm3"
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


class Refused(Exception):
    pass


def need(condition, message):
    if not condition:
        raise Refused(message)


# ---- Ed25519: points as (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z

def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, p):
    sum_ = (0, 1, 1, 0)
    while n:
        if n & 1:
            sum_ = add(sum_, p)
        p, n = add(p, p), n >> 1
    return sum_


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    need(y < P, "公钥或签名不是曲线上的点")
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    need((x * x - x2) % P == 0 and not (x == 0 and sign), "公钥或签名不是曲线上的点")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(public, message, signature):
    if len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    if s >= ORDER:
        return False
    try:
        left, right = times(s, BASE), add(point(signature[:32]), times(h, point(public)))
    except Refused:
        return False
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


# ---- The parts of a proof

def decode(text, what):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused(what + "：不是 Base64") from None
    need(base64.b64encode(data).decode() == text, what + "：不是规范的 Base64")
    return data


def read_key(text):
    name, _, rest = text.strip().partition("+")
    told, _, encoded = rest.partition("+")
    data = decode(encoded, "密钥")
    is_sm2 = data.startswith(SM2_TYPE) and len(data) == len(SM2_TYPE) + 65
    need(name and (is_sm2 or len(data) == 33 and data[0] == 1), "密钥：不是 Ed25519，也不是 SM2")
    need(hashlib.sha256(name.encode() + b"\n" + data).hexdigest()[:8] == told, "密钥：编号与公钥不符")
    return name, data[len(SM2_TYPE):] if is_sm2 else data[1:], bytes.fromhex(told)


def read_checkpoint(note, key):
    name, public, key_id = key
    need(re.fullmatch(r"[^\x00-\x09\x0b-\x1f]*", note), "存证点：有控制字符")
    text, gap, lines = note.rpartition("\n\n")
    need(gap and lines.endswith("\n"), "存证点：没有签名")
    signed = 0
    for line in lines[:-1].split("\n"):
        m = re.fullmatch(r"\u2014 ([^\s+]+) (\S+)", line)
        need(m, "存证点：签名行不正确")
        data = decode(m[2], "签名")
        need(len(data) >= 5, "存证点：签名太短")
        if m[1] == name and data[:4] == key_id:
            check_signed = national.is_signed if len(public) == 65 else is_signed
            need(check_signed(public, (text + "\n").encode(), data[4:]), "存证点：签名不成立")
            signed += 1
    need(signed, "存证点：没有这把密钥的签名")
    head = text.split("\n")
    need(len(head) >= 3 and head[0] == name and "" not in head[3:], "存证点：格式")
    need(re.fullmatch(r"0|[1-9][0-9]{0,18}", head[1]), "存证点：条数")
    root = decode(head[2], "根哈希")
    need(len(root) == 32, "存证点：根哈希长度")
    return int(head[1]), root


def canonical(text, what):
    try:
        value = json.loads(text, parse_constant=lambda _: 1 / 0, parse_float=lambda _: 1 / 0)
        again = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except (ValueError, ZeroDivisionError, RecursionError):
        raise Refused(what + "：不是 JSON") from None
    need(again == text, what + "：不是规范 JSON")
    return value


def members(value, names, what):
    need(isinstance(value, dict) and sorted(value) == names.split(), what + "：成员不是 " + names)


def unhex(text, n, what):
    need(isinstance(text, str) and re.fullmatch(r"[0-9a-f]{%d}" % (2 * n), text), what + "：不是十六进制")
    return bytes.fromhex(text)


def root_of(hash_, leaf, index, size, path):
    """RFC 9162 section 2.1.3.2."""
    need(isinstance(index, int) and 0 <= index < size, "序号超出存证点")
    node, last, result = index, size - 1, hash_(b"\0" + leaf)
    for step in path:
        need(last > 0, "包含证明太长")
        if node & 1 or node == last:
            result = hash_(b"\1" + step + result)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = hash_(b"\1" + result + step)
        node, last = node >> 1, last >> 1
    need(last == 0, "包含证明太短")
    return result


def check_fields(hash_, name_of_hash, proof, data):
    members(proof, "digests fields hash", "字段证明")
    need(proof["hash"] == name_of_hash, "字段证明：哈希算法")
    need(isinstance(proof["digests"], list) and isinstance(proof["fields"], list), "字段证明：类型")
    digests = [unhex(d, 32, "摘要") for d in proof["digests"]]
    need(digests == sorted(set(digests)), "字段证明：摘要没有按次序排列")
    need(hash_(b"\3" + b"".join(digests)).hex() == data, "字段证明：摘要与存证条目不符")
    shown = {}
    for f in proof["fields"]:
        members(f, "name salt value", "字段证明")
        need(isinstance(f["name"], str) and f["name"], "字段证明：名称")
        name = f["name"].encode()
        value = json.dumps(f["value"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hash_(b"\2" + unhex(f["salt"], 16, "盐") + len(name).to_bytes(2, "big") + name + value.encode())
        need(digest in digests, f"字段证明：{f['name']} 的名称或值与存证不符")
        need(not shown or f["name"] > max(shown), "字段证明：字段没有按名称排列")
        shown[f["name"]] = f["value"]
    need(shown, "字段证明：没有字段")
    return shown


def check(text, key_text):
    key = read_key(key_text)
    need(text.endswith("\n"), "应以换行结尾")
    proof = canonical(text[:-1], "证明")
    members(proof, "checkpoint fields format hash inclusion leaf", "证明")
    need(proof["format"] == "plumbline-proof 1" and proof["hash"] in ("sha256", "sm3"), "格式")
    need(isinstance(proof["checkpoint"], str) and isinstance(proof["leaf"], str) and
         isinstance(proof["inclusion"], list), "类型")
    hash_ = national.hash_of(proof["hash"])
    size, root = read_checkpoint(proof["checkpoint"], key)
    leaf = canonical(proof["leaf"], "存证条目")
    members(leaf, "act actor data matter on_behalf organ procedure seq time", "存证条目")
    path = [unhex(h, 32, "包含证明") for h in proof["inclusion"]]
    need(root_of(hash_, proof["leaf"].encode(), leaf["seq"], size, path) == root, "包含证明不成立")
    shown = check_fields(hash_, proof["hash"], proof["fields"], leaf["data"]) if proof["fields"] is not None else {}
    return size, leaf, shown


def consistent(hash_, size1, size2, root1, root2, path):
    """RFC 9162 section 2.1.4.2."""
    need(1 <= size1 <= size2, "条数的次序不正确")
    if size1 == size2:
        return need(not path and root1 == root2, "两个存证点不是同一份记录")
    node, last = size1 - 1, size2 - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    path = path if node else [root1] + path
    need(path, "一致性证明太短")
    a = b = path[0]
    for step in path[1:]:
        need(last > 0, "一致性证明太长")
        if node & 1 or node == last:
            a, b = hash_(b"\1" + step + a), hash_(b"\1" + step + b)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            b = hash_(b"\1" + b + step)
        node, last = node >> 1, last >> 1
    need(last == 0 and a == root1 and b == root2, "后一个存证点不是前一个的接续")


def check_heads(text, key_text):
    key, proof = read_key(key_text), canonical(text[:-1], "证明")
    members(proof, "consistency format from hash to", "证明")
    need(text.endswith("\n") and proof["format"] == "plumbline-consistency 1" and proof["hash"] in ("sha256", "sm3"), "格式")
    need(isinstance(proof["from"], str) and isinstance(proof["to"], str) and isinstance(proof["consistency"], list), "类型")
    (size1, root1), (size2, root2) = read_checkpoint(proof["from"], key), read_checkpoint(proof["to"], key)
    consistent(national.hash_of(proof["hash"]), size1, size2, root1, root2,
               [unhex(h, 32, "一致性证明") for h in proof["consistency"]])
    return size1, size2


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    key = sys.argv[2] if "+" in sys.argv[2] else open(sys.argv[2], encoding="utf-8").read()
    try:
        with open(sys.argv[1], encoding="utf-8", newline="") as file:
            text = file.read()
        if text.startswith('{"consistency":'):
            return print("成立：{1} 条的存证点接续 {0} 条的存证点".format(*check_heads(text, key)))
        size, leaf, shown = check(text, key)
    except (Refused, UnicodeDecodeError) as why:
        sys.exit(f"不成立：{why}")
    print(f"成立：{size} 条中的第 {leaf['seq']} 号，{leaf['matter']}，{leaf['act']}，{leaf['time']}")
    for name, value in shown.items():
        print(f"{name} = {json.dumps(value, ensure_ascii=False)}")


if __name__ == "__main__":
    main()
