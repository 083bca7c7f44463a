/* SPDX-License-Identifier: Apache-2.0 */
/* The program metadata: what a provider knows of this machine becomes files below /run/config. */
#ifndef WHERRY_GUEST_METADATA_H
#define WHERRY_GUEST_METADATA_H

/*
 * metadata [-v] [PROVIDER...]: takes what the first provider has that is there, of those named or
 * of all. A named one is waited for; without any, and with none there, it is no error.
 */
int metadata_main(int argc, char **argv);

#endif
