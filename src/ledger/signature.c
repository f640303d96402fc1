#include "ledger/signature.h"

#include <assert.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#define SM2_ID    "1234567812345678"
#define SM2_POINT 65

static const struct {
        enum signature_algorithm algorithm;
        const char *type;
        size_t public_bytes;
} algorithms[] = {
        { SIGNATURE_ED25519, "\x01", 32 },
        { SIGNATURE_COSIGNATURE, "\x04", 32 },
        { SIGNATURE_SM2, "\xffplumbline/sm2-sm3", SM2_POINT },
};

static size_t row_of(enum signature_algorithm algorithm)
{
        size_t i = 0;
        while (algorithms[i].algorithm != algorithm)
                assert(++i < N_ELEMENTS(algorithms));
        return i;
}

struct str signature_type(enum signature_algorithm algorithm)
{
        return str_of(algorithms[row_of(algorithm)].type);
}

size_t signature_public_bytes(enum signature_algorithm algorithm)
{
        return algorithms[row_of(algorithm)].public_bytes;
}

bool signature_parse_key(struct str bytes, enum signature_algorithm *ret, struct str *ret_public)
{
        for (size_t i = 0; i < N_ELEMENTS(algorithms); i++) {
                struct str type = str_of(algorithms[i].type);
                if (!str_starts(bytes, type) || bytes.n != type.n + algorithms[i].public_bytes)
                        continue;
                *ret = algorithms[i].algorithm;
                *ret_public = str_slice(bytes, type.n, bytes.n);
                return true;
        }
        return false;
}

/* As in hash.c: with sound arguments libcrypto fails only for want of memory. */
static void must(bool ok)
{
        if (!ok)
                abort();
}

/* ---- SM2: private key d, 1 <= d <= n - 2 (GB/T 32918.1 section 6.1) ---- */

static EC_GROUP *sm2_group(void)
{
        EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_sm2);
        must(group != NULL);
        return group;
}

static bool is_scalar(const uint8_t seed[SIGNATURE_SEED_BYTES])
{
        EC_GROUP *group = sm2_group();
        BIGNUM *d = BN_bin2bn(seed, SIGNATURE_SEED_BYTES, NULL);
        BIGNUM *end = BN_dup(EC_GROUP_get0_order(group));
        must(d != NULL && end != NULL && BN_sub_word(end, 1) == 1);
        bool ok = !BN_is_zero(d) && BN_cmp(d, end) < 0;
        BN_clear_free(d);
        BN_free(end);
        EC_GROUP_free(group);
        return ok;
}

static void sm2_public(const uint8_t seed[SIGNATURE_SEED_BYTES], uint8_t ret[SM2_POINT])
{
        EC_GROUP *group = sm2_group();
        EC_POINT *point = EC_POINT_new(group);
        BIGNUM *d = BN_bin2bn(seed, SIGNATURE_SEED_BYTES, NULL);
        must(point != NULL && d != NULL && EC_POINT_mul(group, point, d, NULL, NULL, NULL) == 1);
        must(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, ret, SM2_POINT,
                             NULL) == SM2_POINT);
        BN_clear_free(d);
        EC_POINT_free(point);
        EC_GROUP_free(group);
}

/* NULL if the point is none of the curve. `seed` NULL: the public half only. */
static EVP_PKEY *sm2_key(
                const uint8_t public_key[SM2_POINT], const uint8_t seed[SIGNATURE_SEED_BYTES])
{
        EVP_PKEY *key = NULL;
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
        OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
        BIGNUM *d = seed != NULL ? BN_secure_new() : NULL;
        must(context != NULL && build != NULL);
        must(OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "SM2", 0) == 1);
        must(OSSL_PARAM_BLD_push_octet_string(
                             build, OSSL_PKEY_PARAM_PUB_KEY, public_key, SM2_POINT) == 1);
        if (seed != NULL)
                must(d != NULL && BN_bin2bn(seed, SIGNATURE_SEED_BYTES, d) != NULL &&
                                OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, d) == 1);
        OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
        must(params != NULL);
        int selection = seed != NULL ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
        if (EVP_PKEY_fromdata_init(context) != 1 ||
                        EVP_PKEY_fromdata(context, &key, selection, params) != 1)
                key = NULL;
        OSSL_PARAM_free(params);
        OSSL_PARAM_BLD_free(build);
        BN_clear_free(d);
        EVP_PKEY_CTX_free(context);
        return key;
}

static EVP_MD_CTX *sm2_context(EVP_PKEY *key, EVP_PKEY_CTX **ret)
{
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        *ret = EVP_PKEY_CTX_new(key, NULL);
        must(context != NULL && *ret != NULL &&
                        EVP_PKEY_CTX_set1_id(*ret, SM2_ID, (int)strlen(SM2_ID)) == 1);
        EVP_MD_CTX_set_pkey_ctx(context, *ret);
        return context;
}

static void sm2_sign(const uint8_t seed[SIGNATURE_SEED_BYTES], struct str message,
                uint8_t ret[SIGNATURE_BYTES])
{
        uint8_t public_key[SM2_POINT], der[80];
        EVP_PKEY_CTX *inner;
        size_t n = sizeof(der);
        sm2_public(seed, public_key);
        EVP_PKEY *key = sm2_key(public_key, seed);
        must(key != NULL);
        EVP_MD_CTX *context = sm2_context(key, &inner);
        must(EVP_DigestSignInit(context, NULL, EVP_sm3(), NULL, key) == 1);
        must(EVP_DigestSign(context, der, &n, (const uint8_t *)message.p, message.n) == 1);
        const uint8_t *at = der;
        ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)n);
        must(signature != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(signature), ret, 32) == 32 &&
                        BN_bn2binpad(ECDSA_SIG_get0_s(signature), ret + 32, 32) == 32);
        ECDSA_SIG_free(signature);
        EVP_MD_CTX_free(context);
        EVP_PKEY_CTX_free(inner);
        EVP_PKEY_free(key);
}

/* The form that libcrypto takes; returns its length. */
static int der_of(const uint8_t *raw, uint8_t **ret)
{
        ECDSA_SIG *signature = ECDSA_SIG_new();
        BIGNUM *r = BN_bin2bn(raw, 32, NULL), *s = BN_bin2bn(raw + 32, 32, NULL);
        must(signature != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(signature, r, s) == 1);
        int n = i2d_ECDSA_SIG(signature, ret);
        must(n > 0);
        ECDSA_SIG_free(signature);
        return n;
}

static bool sm2_verify(const uint8_t public_key[SM2_POINT], struct str message, const uint8_t *raw)
{
        EVP_PKEY *key = public_key[0] == 0x04 ? sm2_key(public_key, NULL) : NULL;
        EVP_PKEY_CTX *inner;
        uint8_t *der = NULL;
        if (key == NULL)
                return false;
        EVP_MD_CTX *context = sm2_context(key, &inner);
        int n = der_of(raw, &der);
        bool ok = EVP_DigestVerifyInit(context, NULL, EVP_sm3(), NULL, key) == 1 &&
                  EVP_DigestVerify(context, der, (size_t)n, (const uint8_t *)message.p,
                                  message.n) == 1;
        OPENSSL_free(der);
        EVP_MD_CTX_free(context);
        EVP_PKEY_CTX_free(inner);
        EVP_PKEY_free(key);
        return ok;
}

/* ---- Ed25519 ---- */

static EVP_PKEY *key_of_seed(const uint8_t seed[SIGNATURE_SEED_BYTES])
{
        EVP_PKEY *key = EVP_PKEY_new_raw_private_key(
                        EVP_PKEY_ED25519, NULL, seed, SIGNATURE_SEED_BYTES);
        must(key != NULL);
        return key;
}

static void ed25519_public(const uint8_t seed[SIGNATURE_SEED_BYTES], uint8_t ret[32])
{
        EVP_PKEY *key = key_of_seed(seed);
        size_t n = 32;
        must(EVP_PKEY_get_raw_public_key(key, ret, &n) == 1 && n == 32);
        EVP_PKEY_free(key);
}

static void ed25519_sign(const uint8_t seed[SIGNATURE_SEED_BYTES], struct str message,
                uint8_t ret[SIGNATURE_BYTES])
{
        EVP_PKEY *key = key_of_seed(seed);
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        size_t n = SIGNATURE_BYTES;
        must(context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1);
        must(EVP_DigestSign(context, ret, &n, (const uint8_t *)message.p, message.n) == 1);
        assert(n == SIGNATURE_BYTES);
        EVP_MD_CTX_free(context);
        EVP_PKEY_free(key);
}

static bool ed25519_verify(const uint8_t *public_key, struct str message, const uint8_t *signature)
{
        EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, 32);
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        bool ok = key != NULL && context != NULL &&
                  EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
                  EVP_DigestVerify(context, signature, SIGNATURE_BYTES, (const uint8_t *)message.p,
                                  message.n) == 1;
        EVP_MD_CTX_free(context);
        EVP_PKEY_free(key);
        return ok;
}

/* ---- Either ---- */

bool signature_is_seed(enum signature_algorithm algorithm, const uint8_t seed[SIGNATURE_SEED_BYTES])
{
        return algorithm != SIGNATURE_SM2 || is_scalar(seed);
}

void signature_public(enum signature_algorithm algorithm, const uint8_t seed[SIGNATURE_SEED_BYTES],
                uint8_t ret[SIGNATURE_PUBLIC_BYTES_MAX])
{
        memset(ret, 0, SIGNATURE_PUBLIC_BYTES_MAX);
        if (algorithm == SIGNATURE_SM2)
                sm2_public(seed, ret);
        else
                ed25519_public(seed, ret);
}

void signature_sign(enum signature_algorithm algorithm, const uint8_t seed[SIGNATURE_SEED_BYTES],
                struct str message, uint8_t ret[SIGNATURE_BYTES])
{
        if (algorithm == SIGNATURE_SM2)
                sm2_sign(seed, message, ret);
        else
                ed25519_sign(seed, message, ret);
}

bool signature_verify(enum signature_algorithm algorithm, const uint8_t *public_key,
                struct str message, struct str signature)
{
        const uint8_t *bytes = (const uint8_t *)signature.p;
        if (signature.n != SIGNATURE_BYTES)
                return false;
        return algorithm == SIGNATURE_SM2 ? sm2_verify(public_key, message, bytes)
                                          : ed25519_verify(public_key, message, bytes);
}
