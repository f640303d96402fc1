/* verify.js - checks a proof of Plumbline in the browser, without a server and without a network.
 *
 * Written from docs/log-format.md; shares nothing with the program. Works on a page opened from a
 * disk: no modules, no libraries, no WebCrypto. What it checks, in this order: the signature of
 * the checkpoint (Ed25519, RFC 8032; or SM2 with SM3, GB/T 32918.2), the place of the event in the
 * signed tree (RFC 9162, 2.1.3.2), the digests of the fields shown. Texts have to be canonical
 * (RFC 8785): every byte of a proof counts. */
"use strict";
(function (global) {

class Refused extends Error {}

function need(condition, message) {
        if (!condition)
                throw new Refused(message);
}

/* ---- Bytes ---- */

const utf8 = (text) => new TextEncoder().encode(text);

function join(...parts) {
        const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
        let at = 0;
        for (const part of parts) {
                all.set(part, at);
                at += part.length;
        }
        return all;
}

function same(a, b) {
        return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

function unhex(text, n, what) {
        need(typeof text === "string" && text.length === 2 * n && /^[0-9a-f]*$/.test(text), what + "：不是十六进制");
        return Uint8Array.from({ length: n }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

function unbase64(text, what) {
        let binary;
        try {
                binary = atob(text);
        } catch (_) {
                throw new Refused(what + "：不是 Base64");
        }
        need(btoa(binary) === text, what + "：不是规范的 Base64");
        return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

const number = (bytes) => BigInt("0x" + (hex(bytes) || "0"));
const littleEndian = (bytes) => number(Uint8Array.from(bytes).reverse());

/* ---- Hashes: SHA-256 and SHA-512 (FIPS 180-4), SM3 (GB/T 32905) ---- */

/* The first bits of the roots of the first primes, as the standard defines its constants. */
function primes(n) {
        const found = [];
        for (let i = 2n; found.length < n; i++)
                if (found.every((p) => i % p !== 0n))
                        found.push(i);
        return found;
}

function root(value, power) {
        let low = 0n, high = value + 1n;
        while (high - low > 1n) {
                const middle = (low + high) / 2n;
                if (middle ** power <= value)
                        low = middle;
                else
                        high = middle;
        }
        return low;
}

const fraction = (p, power, bits) => BigInt.asUintN(bits, root(p << (BigInt(bits) * power), power));
const K256 = Uint32Array.from(primes(64), (p) => Number(fraction(p, 3n, 32)));
const H256 = Uint32Array.from(primes(8), (p) => Number(fraction(p, 2n, 32)));
const K512 = primes(80).map((p) => fraction(p, 3n, 64));
const H512 = primes(8).map((p) => fraction(p, 2n, 64));

/* The message, 1, zeros, and its length in bits: a whole number of blocks. */
function padded(bytes, block) {
        const length = block / 8;
        const n = Math.ceil((bytes.length + 1 + length) / block) * block;
        const all = new Uint8Array(n);
        all.set(bytes);
        all[bytes.length] = 0x80;
        new DataView(all.buffer).setBigUint64(n - 8, BigInt(bytes.length) * 8n);
        return all;
}

const rotl = (x, n) => (x << (n % 32) | (n % 32 === 0 ? 0 : x >>> (32 - n % 32))) >>> 0;
const rotr = (x, n) => rotl(x, 32 - n);

function words(state) {
        const out = new Uint8Array(4 * state.length), view = new DataView(out.buffer);
        state.forEach((w, i) => view.setUint32(4 * i, w));
        return out;
}

function sha256(bytes) {
        const data = padded(bytes, 64), view = new DataView(data.buffer);
        const h = Uint32Array.from(H256), w = new Uint32Array(64);
        for (let at = 0; at < data.length; at += 64) {
                for (let i = 0; i < 16; i++)
                        w[i] = view.getUint32(at + 4 * i);
                for (let i = 16; i < 64; i++) {
                        const a = w[i - 15], b = w[i - 2];
                        w[i] = w[i - 16] + (rotr(a, 7) ^ rotr(a, 18) ^ a >>> 3) + w[i - 7] +
                               (rotr(b, 17) ^ rotr(b, 19) ^ b >>> 10);
                }
                let s = Array.from(h);
                for (let i = 0; i < 64; i++) {
                        const [a, b, c, d, e, f, g, k] = s;
                        const t1 = k + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + (e & f ^ ~e & g) + K256[i] + w[i];
                        const t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + (a & b ^ a & c ^ b & c);
                        s = [(t1 + t2) >>> 0, a, b, c, (d + t1) >>> 0, e, f, g];
                }
                s.forEach((v, i) => { h[i] += v; });
        }
        return words(h);
}

function sha512(bytes) {
        const data = padded(bytes, 128), view = new DataView(data.buffer), mask = (x) => BigInt.asUintN(64, x);
        const turn = (x, n) => x >> n | mask(x << (64n - n));
        let h = H512.slice();
        for (let at = 0; at < data.length; at += 128) {
                const w = [];
                for (let i = 0; i < 16; i++)
                        w.push(view.getBigUint64(at + 8 * i));
                for (let i = 16; i < 80; i++) {
                        const a = w[i - 15], b = w[i - 2];
                        w.push(mask(w[i - 16] + (turn(a, 1n) ^ turn(a, 8n) ^ a >> 7n) + w[i - 7] +
                                    (turn(b, 19n) ^ turn(b, 61n) ^ b >> 6n)));
                }
                let s = h;
                for (let i = 0; i < 80; i++) {
                        const [a, b, c, d, e, f, g, k] = s;
                        const t1 = k + (turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n)) + (e & f ^ mask(~e) & g) + K512[i] + w[i];
                        const t2 = (turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n)) + (a & b ^ a & c ^ b & c);
                        s = [mask(t1 + t2), a, b, c, mask(d + t1), e, f, g];
                }
                h = h.map((v, i) => mask(v + s[i]));
        }
        return join(...h.map((v) => unhex(v.toString(16).padStart(16, "0"), 8, "")));
}

function sm3(bytes) {
        const data = padded(bytes, 64), view = new DataView(data.buffer);
        const p0 = (x) => (x ^ rotl(x, 9) ^ rotl(x, 17)) >>> 0, p1 = (x) => (x ^ rotl(x, 15) ^ rotl(x, 23)) >>> 0;
        let h = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e];
        for (let at = 0; at < data.length; at += 64) {
                const w = [];
                for (let i = 0; i < 16; i++)
                        w.push(view.getUint32(at + 4 * i));
                for (let i = 16; i < 68; i++)
                        w.push((p1(w[i - 16] ^ w[i - 9] ^ rotl(w[i - 3], 15)) ^ rotl(w[i - 13], 7) ^ w[i - 6]) >>> 0);
                let s = h;
                for (let i = 0; i < 64; i++) {
                        const [a, b, c, d, e, f, g, k] = s, late = i >= 16;
                        const ss1 = rotl((rotl(a, 12) + e + rotl(late ? 0x7a879d8a : 0x79cc4519, i)) >>> 0, 7);
                        const ff = late ? a & b | a & c | b & c : a ^ b ^ c, gg = late ? e & f | ~e & g : e ^ f ^ g;
                        const t1 = (ff + d + (ss1 ^ rotl(a, 12)) + (w[i] ^ w[i + 4])) >>> 0;
                        const t2 = (gg + k + ss1 + w[i]) >>> 0;
                        s = [t1, a, rotl(b, 9), c, p0(t2), e, rotl(f, 19), g];
                }
                h = h.map((v, i) => (v ^ s[i]) >>> 0);
        }
        return words(h);
}

const HASHES = { sha256, sm3 };

/* ---- Ed25519: points as X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z ---- */

const P = 2n ** 255n - 19n, ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (x, m) => (x % m + m) % m;

function power(base, exponent, m) {
        let result = 1n;
        for (base = mod(base, m); exponent > 0n; exponent >>= 1n, base = base * base % m)
                if (exponent & 1n)
                        result = result * base % m;
        return result;
}

const D = mod(-121665n * power(121666n, P - 2n, P), P);
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n, P);

function edAdd(p, q) {
        const a = (p[1] - p[0]) * (q[1] - q[0]), b = (p[1] + p[0]) * (q[1] + q[0]);
        const c = 2n * p[3] * q[3] % P * D, d = 2n * p[2] * q[2];
        const e = mod(b - a, P), f = mod(d - c, P), g = mod(d + c, P), h = mod(b + a, P);
        return [e * f % P, g * h % P, f * g % P, e * h % P];
}

function edTimes(n, p) {
        let sum = [0n, 1n, 1n, 0n];
        for (; n > 0n; n >>= 1n, p = edAdd(p, p))
                if (n & 1n)
                        sum = edAdd(sum, p);
        return sum;
}

function edPoint(bytes) {
        const all = littleEndian(bytes), sign = all >> 255n, y = all & (1n << 255n) - 1n;
        if (y >= P)
                return null;
        const x2 = (y * y - 1n) * power(D * y * y + 1n, P - 2n, P);
        let x = power(x2, (P + 3n) / 8n, P);
        if (mod(x * x - x2, P) !== 0n)
                x = x * ROOT_OF_MINUS_ONE % P;
        if (mod(x * x - x2, P) !== 0n || (x === 0n && sign === 1n))
                return null;
        if ((x & 1n) !== sign)
                x = P - x;
        return [x, y, 1n, x * y % P];
}

const BASE = edPoint(unhex("58" + "66".repeat(31), 32, ""));

function ed25519(key, message, signature) {
        const r = signature.slice(0, 32), s = littleEndian(signature.slice(32));
        const point = edPoint(key), commitment = edPoint(r);
        if (s >= ORDER || point === null || commitment === null)
                return false;
        const h = littleEndian(sha512(join(r, key, message))) % ORDER;
        const left = edTimes(s, BASE), right = edAdd(commitment, edTimes(h, point));
        return [0, 1].every((i) => mod(left[i] * right[2] - right[i] * left[2], P) === 0n);
}

/* ---- SM2 with SM3: y^2 = x^3 - 3x + B; points in Jacobian coordinates ---- */

const Q = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const B = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n;
const N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
const G = [0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
        0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n, 1n];

function smAdd(p, q) {
        if (p[2] === 0n)
                return q;
        if (q[2] === 0n)
                return p;
        const z1 = p[2] * p[2] % Q, z2 = q[2] * q[2] % Q;
        const u1 = p[0] * z2 % Q, u2 = q[0] * z1 % Q, s1 = p[1] * z2 * q[2] % Q, s2 = q[1] * z1 * p[2] % Q;
        if (u1 === u2 && s1 !== s2)
                return [1n, 1n, 0n];
        if (u1 === u2) {
                const m = mod(3n * (p[0] - z1) * (p[0] + z1), Q), s = mod(4n * p[0] * p[1] * p[1], Q);
                const x = mod(m * m - 2n * s, Q);
                return [x, mod(m * (s - x) - 8n * p[1] ** 4n, Q), mod(2n * p[1] * p[2], Q)];
        }
        const h = mod(u2 - u1, Q), r = mod(s2 - s1, Q), h2 = h * h % Q, h3 = h2 * h % Q;
        const x = mod(r * r - h3 - 2n * u1 * h2, Q);
        return [x, mod(r * (u1 * h2 - x) - s1 * h3, Q), h * p[2] * q[2] % Q];
}

function smTimes(n, p) {
        let sum = [1n, 1n, 0n];
        for (; n > 0n; n >>= 1n, p = smAdd(p, p))
                if (n & 1n)
                        sum = smAdd(sum, p);
        return sum;
}

function sm2(key, message, signature) {
        const r = number(signature.slice(0, 32)), s = number(signature.slice(32));
        const x = number(key.slice(1, 33)), y = number(key.slice(33));
        if (key[0] !== 4 || x >= Q || y >= Q || mod(y * y - x * x * x + 3n * x - B, Q) !== 0n)
                return false;
        if (r < 1n || r >= N || s < 1n || s >= N || (r + s) % N === 0n)
                return false;
        const bytes = (v) => unhex(v.toString(16).padStart(64, "0"), 32, ""), id = utf8("1234567812345678");
        const z = sm3(join([0, 128], id, bytes(Q - 3n), bytes(B), bytes(G[0]), bytes(G[1]), key.slice(1)));
        const e = number(sm3(join(z, message)));
        const sum = smAdd(smTimes(s, G), smTimes((r + s) % N, [x, y, 1n]));
        if (sum[2] === 0n)
                return false;
        return mod(e + sum[0] * power(sum[2] * sum[2], Q - 2n, Q) % Q, N) === r;
}

/* ---- Keys and signed notes (C2SP) ---- */

const TYPES = [
        { type: new Uint8Array([1]), length: 32, verify: ed25519, name: "Ed25519" },
        { type: join([0xff], utf8("plumbline/sm2-sm3")), length: 65, verify: sm2, name: "SM2" },
];

function readKey(text) {
        const m = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim());
        need(m, "验证密钥：格式应为 名称+编号+公钥");
        const bytes = unbase64(m[3], "验证密钥");
        const type = TYPES.find((t) => bytes.length === t.type.length + t.length &&
                                       same(bytes.slice(0, t.type.length), t.type));
        need(type, "验证密钥：不支持的签名算法");
        need(hex(sha256(join(utf8(m[1] + "\n"), bytes)).slice(0, 4)) === m[2], "验证密钥：编号与公钥不符");
        return { name: m[1], id: m[2], algorithm: type, bytes: bytes.slice(type.type.length) };
}

function readCheckpoint(note, key) {
        need(!/[\x00-\x09\x0b-\x1f]/.test(note), "存证点：有控制字符");
        const gap = note.lastIndexOf("\n\n");
        need(gap > 0 && note.endsWith("\n") && gap + 2 < note.length, "存证点：没有签名");
        const text = note.slice(0, gap + 1);
        let signed = 0, others = 0;
        for (const line of note.slice(gap + 2, -1).split("\n")) {
                const m = /^\u2014 ([^\s+]+) (\S+)$/.exec(line);
                need(m, "存证点：签名行不正确");
                const bytes = unbase64(m[2], "签名");
                need(bytes.length >= 5, "存证点：签名太短");
                if (m[1] !== key.name || hex(bytes.slice(0, 4)) !== key.id) {
                        others++;
                        continue;
                }
                need(bytes.length === 68 && key.algorithm.verify(key.bytes, utf8(text), bytes.slice(4)), "存证点：签名不成立");
                signed++;
        }
        need(signed > 0, "存证点：没有这把密钥的签名");
        const lines = text.slice(0, -1).split("\n");
        need(lines.length >= 3 && lines[0] === key.name && !lines.slice(3).includes(""), "存证点：格式");
        need(/^(0|[1-9][0-9]{0,15})$/.test(lines[1]), "存证点：条数");
        const rootHash = unbase64(lines[2], "根哈希");
        need(rootHash.length === 32, "存证点：根哈希长度");
        return { size: Number(lines[1]), root: rootHash, others };
}

/* ---- Canonical JSON: one way to write a value, so that a text is its own meaning ---- */

class Reader {
        constructor(text, what) {
                this.text = text;
                this.at = 0;
                this.what = what;
        }

        fail() {
                throw new Refused(this.what + "：不是规范 JSON");
        }

        eat(c) {
                if (this.text[this.at] !== c)
                        return false;
                this.at++;
                return true;
        }

        string() {
                const m = /^"(?:[^"\\\x00-\x1f]|\\(?:["\\bfnrt]|u00[01][0-9a-f]))*"/.exec(this.text.slice(this.at));
                if (!m)
                        this.fail();
                const value = JSON.parse(m[0]);
                if (JSON.stringify(value) !== m[0])
                        this.fail();
                this.at += m[0].length;
                return value;
        }

        value(depth) {
                const from = this.at, done = (value) => ({ value, text: this.text.slice(from, this.at) });
                if (depth > 32)
                        this.fail();
                if (this.text[this.at] === '"')
                        return done(this.string());
                if (this.eat("[")) {
                        const items = [];
                        if (this.eat("]"))
                                return done(items);
                        do
                                items.push(this.value(depth + 1));
                        while (this.eat(","));
                        return this.eat("]") ? done(items) : this.fail();
                }
                if (this.eat("{")) {
                        const members = new Map();
                        let last = null;
                        if (this.eat("}"))
                                return done(members);
                        do {
                                const name = this.string();
                                if ((last !== null && !(last < name)) || !this.eat(":"))
                                        this.fail();
                                members.set(last = name, this.value(depth + 1));
                        } while (this.eat(","));
                        return this.eat("}") ? done(members) : this.fail();
                }
                const m = /^(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)/.exec(this.text.slice(this.at));
                if (!m)
                        this.fail();
                this.at += m[0].length;
                return done(/^[tfn]/.test(m[0]) ? JSON.parse(m[0]) : { number: m[0] });
        }
}

function canonical(text, what) {
        const reader = new Reader(text, what), value = reader.value(0);
        if (reader.at !== text.length)
                reader.fail();
        return value;
}

/* The members of an object, which must be exactly these; each {value, text}. */
function members(node, names, what) {
        need(node.value instanceof Map && [...node.value.keys()].join(" ") === names, what + "：成员应为 " + names);
        return Object.fromEntries(node.value);
}

const list = (node, what) => (need(Array.isArray(node.value), what + "：应为列表"), node.value);
const text = (node, what) => (need(typeof node.value === "string", what + "：应为文字"), node.value);

function hashesOf(node, what) {
        return list(node, what).map((item) => unhex(item.value, 32, what));
}

/* ---- The tree ---- */

const half = (n) => Math.floor(n / 2);

/* RFC 9162 section 2.1.3.2; sizes go past 32 bits, so no shifts. */
function inclusionRoot(hash, leaf, index, size, path) {
        need(Number.isSafeInteger(index) && index >= 0 && index < size, "序号超出存证点");
        let node = index, last = size - 1, result = hash(join([0], leaf));
        for (const step of path) {
                need(last > 0, "包含证明太长");
                if (node % 2 === 1 || node === last) {
                        result = hash(join([1], step, result));
                        while (node % 2 === 0 && node !== 0) {
                                node = half(node);
                                last = half(last);
                        }
                } else {
                        result = hash(join([1], result, step));
                }
                node = half(node);
                last = half(last);
        }
        need(last === 0, "包含证明太短");
        return result;
}

/* RFC 9162 section 2.1.4.2. */
function checkConsistency(hash, from, to, path) {
        need(from.size >= 1 && from.size <= to.size, "条数的次序不正确");
        if (from.size === to.size) {
                need(path.length === 0 && same(from.root, to.root), "两个存证点不是同一份记录");
                return;
        }
        let node = from.size - 1, last = to.size - 1;
        while (node % 2 === 1) {
                node = half(node);
                last = half(last);
        }
        const steps = node > 0 ? path.slice() : [from.root, ...path];
        need(steps.length > 0, "一致性证明太短");
        let a = steps[0], b = steps[0];
        for (const step of steps.slice(1)) {
                need(last > 0, "一致性证明太长");
                if (node % 2 === 1 || node === last) {
                        a = hash(join([1], step, a));
                        b = hash(join([1], step, b));
                        while (node % 2 === 0 && node !== 0) {
                                node = half(node);
                                last = half(last);
                        }
                } else {
                        b = hash(join([1], b, step));
                }
                node = half(node);
                last = half(last);
        }
        need(last === 0, "一致性证明太短");
        need(same(a, from.root) && same(b, to.root), "后一个存证点不是前一个的接续");
}

/* ---- Fields ---- */

function checkFields(hash, hashName, node, data) {
        const what = "字段证明", proof = members(node, "digests fields hash", what);
        need(proof.hash.value === hashName, what + "：哈希算法");
        const digests = hashesOf(proof.digests, what), written = digests.map(hex);
        need(written.every((d, i) => i === 0 || written[i - 1] < d), what + "：摘要没有按次序排列");
        need(hex(hash(join([3], ...digests))) === data, what + "：摘要与存证条目不符");
        const shown = [];
        for (const item of list(proof.fields, what)) {
                const field = members(item, "name salt value", what), name = text(field.name, what), bytes = utf8(name);
                need(bytes.length > 0 && bytes.length < 65536, what + "：名称");
                const digest = hash(join([2], unhex(field.salt.value, 16, what), [bytes.length >> 8, bytes.length & 255],
                        bytes, utf8(field.value.text)));
                need(written.includes(hex(digest)), what + "：" + name + " 的名称或值与存证不符");
                need(shown.length === 0 || shown[shown.length - 1].name < name, what + "：字段没有按名称排列");
                shown.push({ name, value: field.value });
        }
        need(shown.length > 0, what + "：没有字段");
        return { shown, n: digests.length };
}

/* ---- The text of a QR code ---- */

const BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

function unbase45(packed) {
        const out = [];
        for (let i = 0; i < packed.length; i += 3) {
                const digits = [...packed.slice(i, i + 3)].map((c) => BASE45.indexOf(c));
                const v = digits.reduce((sum, d, k) => sum + d * 45 ** k, 0);
                need(digits.length > 1 && !digits.includes(-1) && v <= (digits.length === 3 ? 65535 : 255), "二维码：不是 Base45");
                if (digits.length === 3)
                        out.push(v >> 8);
                out.push(v & 255);
        }
        return Uint8Array.from(out);
}

function unpack(packed) {
        const bytes = unbase45(packed.slice(4));
        let at = 0;
        const take = (n) => {
                need(at + n <= bytes.length, "二维码：不完整");
                at += n;
                return bytes.slice(at - n, at);
        };
        const count = (n) => Number(number(take(n)));
        const decode = (part) => {
                try {
                        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(part);
                } catch (_) {
                        throw new Refused("二维码：不是 UTF-8");
                }
        };
        const string = (n) => decode(take(count(n)));
        const hashes = (n) => "[" + Array.from({ length: count(n) }, () => '"' + hex(take(32)) + '"').join(",") + "]";
        const hash = count(1) === 1 ? "sm3" : "sha256";
        need(bytes[0] < 2, "二维码：哈希算法");
        const note = string(2), leaf = string(2), path = hashes(1), has = count(1);
        need(has < 2, "二维码：字段");
        let fields = "null";
        if (has === 1) {
                const digests = hashes(2);
                const items = Array.from({ length: count(2) }, () => {
                        const name = string(1), salt = hex(take(16));
                        return `{"name":${JSON.stringify(name)},"salt":"${salt}","value":${string(2)}}`;
                });
                fields = `{"digests":${digests},"fields":[${items.join(",")}],"hash":"${hash}"}`;
        }
        need(at === bytes.length, "二维码：后面还有内容");
        return `{"checkpoint":${JSON.stringify(note)},"fields":${fields},"format":"plumbline-proof 1","hash":"${hash}",` +
               `"inclusion":${path},"leaf":${JSON.stringify(leaf)}}\n`;
}

/* ---- A proof ---- */

function checkEvent(root_, key) {
        const proof = members(root_, "checkpoint fields format hash inclusion leaf", "证明");
        const hash = HASHES[text(proof.hash, "哈希算法")];
        need(proof.format.value === "plumbline-proof 1" && hash, "证明：格式或哈希算法");
        const head = readCheckpoint(text(proof.checkpoint, "存证点"), key), line = text(proof.leaf, "存证条目");
        const leaf = members(canonical(line, "存证条目"), "act actor data matter on_behalf organ procedure seq time", "存证条目");
        const seq = Number(leaf.seq.text);
        need(String(seq) === leaf.seq.text, "存证条目：序号");
        const top = inclusionRoot(hash, utf8(line), seq, head.size, hashesOf(proof.inclusion, "包含证明"));
        need(same(top, head.root), "包含证明不成立");
        const fields = proof.fields.value === null ? { shown: [], n: null }
                : checkFields(hash, proof.hash.value, proof.fields, leaf.data.value);
        return { kind: "event", head, leaf: Object.fromEntries(Object.entries(leaf).map(([k, v]) => [k, v.value])), seq, fields };
}

function checkHeads(root_, key) {
        const proof = members(root_, "consistency format from hash to", "证明");
        const hash = HASHES[text(proof.hash, "哈希算法")];
        need(proof.format.value === "plumbline-consistency 1" && hash, "证明：格式或哈希算法");
        const from = readCheckpoint(text(proof.from, "存证点"), key), to = readCheckpoint(text(proof.to, "存证点"), key);
        checkConsistency(hash, from, to, hashesOf(proof.consistency, "一致性证明"));
        return { kind: "heads", from, to };
}

/* Throws Refused with the reason; anything else that goes wrong is a refusal too. */
function check(proof, keyText) {
        const key = readKey(keyText);
        const packed = proof.trim();
        /* Copying often loses the line end that a file has. */
        const file = packed.startsWith("PL1:") ? unpack(packed) : proof.endsWith("\n") ? proof : proof + "\n";
        need(file.length < 4 << 20, "证明：太长");
        const root_ = canonical(file.slice(0, -1), "证明");
        const result = root_.value instanceof Map && root_.value.has("consistency") ? checkHeads(root_, key)
                : checkEvent(root_, key);
        return Object.assign(result, { key });
}

/* ---- The page ---- */

const zh = (value) => typeof value === "string" ? value
        : value === true ? "是" : value === false ? "否" : value === null ? "（空）" : null;

function show(node) {
        const plain = zh(node.value);
        return plain !== null ? plain : node.value.number !== undefined ? node.value.number : node.text;
}

function rowsOf(result) {
        if (result.kind === "heads")
                return [["账本", result.key.name], ["前一个存证点", `${result.from.size} 条`], ["后一个存证点", `${result.to.size} 条`]];
        const { leaf, head } = result;
        const rows = [["机关", leaf.organ], ["办件", leaf.matter || "（不属于某个办件）"], ["程序", leaf.procedure], ["动作", leaf.act],
                ["办理", leaf.actor], ["时间", leaf.time], ["账本", result.key.name], ["存证", `${head.size} 条中的第 ${result.seq} 号`]];
        for (const field of result.fields.shown)
                rows.push(["字段 " + field.name, show(field.value)]);
        return rows;
}

function saysOf(result) {
        const { key } = result;
        if (result.kind === "heads")
                return [[`两个存证点都由密钥 ${key.name}（${key.algorithm.name}，编号 ${key.id}）签名。`,
                        "后一个存证点的账本完整保留了前一个的全部记录，没有改动、没有删减。"],
                ["记录的内容是否真实；只证明签名之后没有改动。", "账本没有给别人看另一份：这要靠见证人的联署，或与他人比对存证点。"]];
        const proven = [`存证点由密钥 ${key.name}（${key.algorithm.name}，编号 ${key.id}）签名。`,
                "上面这条记录在签名的账本之中，签名之后一个字符也没有改动。"];
        if (result.fields.shown.length > 0)
                proven.push(`上面列出的 ${result.fields.shown.length} 个字段的名称和值，正是当时记录的（这条记录共有 ${result.fields.n} 个字段）。`);
        return [proven, ["没有列出的字段是什么内容。", "记录的内容是否真实、决定是否合法；只证明记录之后没有改动。",
                "此后有没有新的办理（例如变更、撤销）：请向机关查询最新情况。",
                "密钥是不是这个机关的：请从机关公告、政府公报等别的途径核对上面的编号。",
                `账本没有给别人看另一份：这要靠见证人的联署（此存证点另有 ${result.head.others} 个签名，本页没有核对）。`]];
}

function fill(parent, tag, texts) {
        parent.replaceChildren(...texts.map((words_) => Object.assign(document.createElement(tag), { textContent: words_ })));
}

function report(result, why) {
        const at = (id) => document.getElementById(id), box = at("result");
        box.className = result ? "holds" : "fails";
        box.hidden = false;
        at("verdict").textContent = result ? "证明成立" : "证明不成立";
        at("why").textContent = result ? "" : why;
        at("details").hidden = !result;
        if (!result)
                return;
        at("rows").replaceChildren(...rowsOf(result).map(([name, value]) => {
                const row = document.createElement("tr");
                fill(row, "td", [name, value]);
                return row;
        }));
        const [proven, open] = saysOf(result);
        fill(at("proven"), "li", proven);
        fill(at("open"), "li", open);
}

function run() {
        try {
                report(check(document.getElementById("proof").value, document.getElementById("key").value), "");
        } catch (error) {
                report(null, error instanceof Refused ? error.message : "内容不完整或无法读取");
        }
}

/* A text box turns the line ends of Windows into its own; a file is read as it is. */
async function load(input) {
        if (input.files.length === 1)
                document.getElementById("proof").value = await input.files[0].text();
}

if (global.document) {
        document.addEventListener("DOMContentLoaded", () => {
                document.getElementById("check").addEventListener("click", run);
                document.getElementById("file").addEventListener("change", (event) => load(event.target));
        });
}
global.plumbline = { check, unpack, hashes: { sha256, sha512, sm3 }, signatures: { ed25519, sm2 } };
})(globalThis);
