/* SPDX-License-Identifier: Apache-2.0 */
/* Entropy early in the boot, for machines that have few sources of their own. */
#ifndef WHERRY_GUEST_ENTROPY_H
#define WHERRY_GUEST_ENTROPY_H

#include <stdbool.h>

/* Credit the output of a hardware generator, such as virtio-rng; false when there is none. */
bool entropy_hardware(void);
/*
 * Credit the seed that an earlier boot left in /var/lib/wherry/random-seed, once, and leave one for
 * the next boot, in case this one ends suddenly. False while /var/lib is not persistent.
 */
bool entropy_seed(void);
/* Leave a seed for the next boot, if /var/lib is persistent. */
void entropy_save(void);

#endif
