/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WHERRY_PLAN_SCRIPT_CHECK_H
#define WHERRY_PLAN_SCRIPT_CHECK_H

struct tree;

/*
 * Warn about scripts in the root's /etc/init.d (contract/initd.h) that Wherry's init would not run,
 * or could not, and about those for the shutdown. Nothing is said about a root with another init,
 * such as LinuxKit's.
 */
void script_check(const struct tree *root);

#endif
