/* SPDX-License-Identifier: Apache-2.0 */
/* The words of other tools for what Wherry's verbs do: they are not taken, but answered. */
#ifndef WHERRY_CLI_OTHER_WORDS_H
#define WHERRY_CLI_OTHER_WORDS_H

/* A hint for the first word of a command line ("images"); NULL when it is no other tool's. */
const char *other_words_hint(const char *name);

#endif
