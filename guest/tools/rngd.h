/* SPDX-License-Identifier: Apache-2.0 */
/* The program rngd: adds the output of a hardware generator to the kernel's random numbers. */
#ifndef WHERRY_GUEST_RNGD_H
#define WHERRY_GUEST_RNGD_H

/*
 * rngd [-1]: credit bytes of /dev/hwrng, when there is one, and wait until the kernel's random
 * numbers are ready; without -1 again every ten minutes, until SIGTERM.
 */
int rngd_main(int argc, char **argv);

#endif
