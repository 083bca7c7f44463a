/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's command line, as outputs have it and machines get it. */
#ifndef WHERRY_CONTRACT_CMDLINE_H
#define WHERRY_CONTRACT_CMDLINE_H

enum { CMDLINE_MAX = 64 << 10 };

/*
 * The line of a file with it: without white space at its end, and with "root=ROOT", unless root is
 * NULL or the text has a root= of its own. Owned by the caller.
 */
char *contract_cmdline(const char *text, const char *root);

#endif
