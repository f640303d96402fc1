"""SM3 (GB/T 32905-2016) and the check of SM2 signatures (GB/T 32918.2-2016, curve of GB/T 32918.5-2017) for the
verifiers beside this file: written from the standards, Python 3 standard library only. Slow, and short."""
import hashlib

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
BASE = (0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
        0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0)
ID = b"1234567812345678"  # of the signer, as GB/T 35276 has it where nothing else is agreed
START = 0x7380166F4914B2B9172442D7DA8A0600A96F30BC163138AAE38DEE4DB0FB0E4E


def turn(x, n):
    n %= 32
    return (x << n | x >> 32 - n) & 0xFFFFFFFF


def compress(state, block):
    w = [int.from_bytes(block[i:i + 4], "big") for i in range(0, 64, 4)]
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ turn(w[j - 3], 15)
        w.append(x ^ turn(x, 15) ^ turn(x, 23) ^ turn(w[j - 13], 7) ^ w[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        early = j < 16
        ss1 = turn(turn(a, 12) + e + turn(0x79CC4519 if early else 0x7A879D8A, j) & 0xFFFFFFFF, 7)
        tt1 = (a ^ b ^ c if early else a & b | a & c | b & c) + d + (ss1 ^ turn(a, 12)) + (w[j] ^ w[j + 4])
        tt2 = (e ^ f ^ g if early else e & f | ~e & g) + h + ss1 + w[j] & 0xFFFFFFFF
        a, b, c, d, e, f, g, h = tt1 & 0xFFFFFFFF, a, turn(b, 9), c, tt2 ^ turn(tt2, 9) ^ turn(tt2, 17), e, turn(f, 19), g
    return [x ^ y for x, y in zip(state, (a, b, c, d, e, f, g, h))]


def sm3(data):
    state = [START >> 32 * i & 0xFFFFFFFF for i in range(7, -1, -1)]
    padded = data + b"\x80" + bytes(-(len(data) + 9) % 64) + (8 * len(data)).to_bytes(8, "big")
    for i in range(0, len(padded), 64):
        state = compress(state, padded[i:i + 64])
    return b"".join(x.to_bytes(4, "big") for x in state)


def hash_of(name):
    """The hash of a ledger as a function; libcrypto's SM3 where Python has it, because it is fast."""
    if name == "sm3" and "sm3" not in hashlib.algorithms_available:
        return sm3
    if name not in ("sha256", "sm3"):
        raise ValueError(f"没有哈希算法 {name}")
    return lambda data: hashlib.new(name, data).digest()


def add(p, q):
    """On the curve, in affine coordinates; None is the point at infinity."""
    if p is None or q is None:
        return q if p is None else p
    if p[0] == q[0] and (p[1] + q[1]) % P == 0:
        return None
    slope = ((3 * p[0] * p[0] + A) * pow(2 * p[1], -1, P) if p == q else (q[1] - p[1]) * pow(q[0] - p[0], -1, P)) % P
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def times(n, p):
    result = None
    for bit in bin(n)[2:]:
        result = add(result, result)
        result = add(result, p) if bit == "1" else result
    return result


def is_signed(public, message, signature):
    """`public` is the point, 0x04 x y; `signature` is r s, 32 bytes each."""
    if len(public) != 65 or public[0] != 4 or len(signature) != 64:
        return False
    point = int.from_bytes(public[1:33], "big"), int.from_bytes(public[33:], "big")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if max(point) >= P or (point[1] ** 2 - point[0] ** 3 - A * point[0] - B) % P or not (0 < r < ORDER and 0 < s < ORDER):
        return False
    signer = sm3((8 * len(ID)).to_bytes(2, "big") + ID + b"".join(
        x.to_bytes(32, "big") for x in (A, B, *BASE, *point)))
    e, t = int.from_bytes(sm3(signer + message), "big"), (r + s) % ORDER
    found = add(times(s, BASE), times(t, point)) if t else None
    return found is not None and (e + found[0]) % ORDER == r
