/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scripts of LinuxKit's kind: what an init image or `files` brings to /etc/init.d is executed, in
 * the order of the names, without arguments.
 */
#ifndef WHERRY_CONTRACT_INITD_H
#define WHERRY_CONTRACT_INITD_H

#define INITD_DIR     "etc/init.d"     /* relative to the root */
#define SHUTDOWND_DIR "etc/shutdown.d" /* LinuxKit's, for the end; nothing runs those here */

/* LinuxKit starts onboot and the services by such scripts, so a name says what it comes before. */
enum initd_when { INITD_BEFORE_ONBOOT, INITD_BEFORE_SERVICES, INITD_AFTER_SERVICES };

enum initd_when initd_when(const char *name);
/*
 * What does the work of a script that LinuxKit's own images bring, which is not run then: "the
 * supervisor starts the services". NULL for all others.
 */
const char *initd_replaced(const char *name);

#endif
