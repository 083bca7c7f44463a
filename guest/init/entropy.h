/* SPDX-License-Identifier: Apache-2.0 */
/* Randomness from before the boot, and from the machine's generator. */
#ifndef WHERRY_GUEST_ENTROPY_H
#define WHERRY_GUEST_ENTROPY_H

/* Give the kernel, and credit, what /dev/hwrng says and what entropy_save() left, which is used once. */
void entropy_load(void);
/* Leave a seed for the next boot, if /var/lib is on something that is kept. */
void entropy_save(void);

#endif
