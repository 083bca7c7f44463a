/* SPDX-License-Identifier: Apache-2.0 */
/* Randomness from the start, on machines that have little of their own. */
#ifndef WHERRY_GUEST_ENTROPY_H
#define WHERRY_GUEST_ENTROPY_H

#include <stdbool.h>

/* Credit what a hardware generator gives (virtio-rng, for one). */
void entropy_hardware(void);
/*
 * Credit the seed that an earlier boot left in /var/lib/wherry/random-seed, once, and leave one for
 * the next boot, in case that this one ends suddenly. False when /var/lib is not persistent (yet).
 */
bool entropy_seed(void);
/* Leave a seed for the next boot, where /var/lib is persistent. */
void entropy_save(void);

#endif
