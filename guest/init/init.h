/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WHERRY_GUEST_INIT_H
#define WHERRY_GUEST_INIT_H

/* PID 1. */
int init_main(int argc, char **argv);

#endif
