#include "ledger/signature.h"

#include <assert.h>
#include <stdlib.h>

#include <openssl/evp.h>

bool signature_is_known(unsigned algorithm)
{
        return algorithm == SIGNATURE_ED25519 || algorithm == SIGNATURE_COSIGNATURE;
}

/* As in hash.c: with sound arguments libcrypto fails only for want of memory. */
static void must(bool ok)
{
        if (!ok)
                abort();
}

static EVP_PKEY *key_of_seed(const uint8_t seed[SIGNATURE_SEED_BYTES])
{
        EVP_PKEY *key = EVP_PKEY_new_raw_private_key(
                        EVP_PKEY_ED25519, NULL, seed, SIGNATURE_SEED_BYTES);
        must(key != NULL);
        return key;
}

void signature_public(enum signature_algorithm algorithm, const uint8_t seed[SIGNATURE_SEED_BYTES],
                uint8_t ret[SIGNATURE_PUBLIC_BYTES])
{
        assert(signature_is_known(algorithm));
        EVP_PKEY *key = key_of_seed(seed);
        size_t n = SIGNATURE_PUBLIC_BYTES;
        must(EVP_PKEY_get_raw_public_key(key, ret, &n) == 1 && n == SIGNATURE_PUBLIC_BYTES);
        EVP_PKEY_free(key);
}

void signature_sign(enum signature_algorithm algorithm, const uint8_t seed[SIGNATURE_SEED_BYTES],
                struct str message, uint8_t ret[SIGNATURE_BYTES])
{
        assert(signature_is_known(algorithm));
        EVP_PKEY *key = key_of_seed(seed);
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        size_t n = SIGNATURE_BYTES;
        must(context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1);
        must(EVP_DigestSign(context, ret, &n, (const uint8_t *)message.p, message.n) == 1);
        assert(n == SIGNATURE_BYTES);
        EVP_MD_CTX_free(context);
        EVP_PKEY_free(key);
}

bool signature_verify(enum signature_algorithm algorithm,
                const uint8_t public_key[SIGNATURE_PUBLIC_BYTES], struct str message,
                struct str signature)
{
        assert(signature_is_known(algorithm));
        if (signature.n != SIGNATURE_BYTES)
                return false;
        EVP_PKEY *key = EVP_PKEY_new_raw_public_key(
                        EVP_PKEY_ED25519, NULL, public_key, SIGNATURE_PUBLIC_BYTES);
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        bool ok = key != NULL && context != NULL &&
                  EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
                  EVP_DigestVerify(context, (const uint8_t *)signature.p, signature.n,
                                  (const uint8_t *)message.p, message.n) == 1;
        EVP_MD_CTX_free(context);
        EVP_PKEY_free(key);
        return ok;
}
