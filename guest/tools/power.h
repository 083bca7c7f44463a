/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WHERRY_GUEST_POWER_H
#define WHERRY_GUEST_POWER_H

/* poweroff, reboot, halt: asks PID 1, which has to be the machine's (in a container: pid: host). */
int power_main(int argc, char **argv);

#endif
