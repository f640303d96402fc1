/* fuzz/fuzz.h - what every fuzz target is: one function from bytes.
 *
 * It must return 0 whatever the bytes are; a crash, a failed assert, a sanitizer's
 * report or a hang is the finding. libFuzzer drives it (meson option `fuzzing`), and
 * fuzz/replay.c runs it over the committed corpus as an ordinary test. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
