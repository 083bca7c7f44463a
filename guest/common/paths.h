/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the programs of the guest leave things for each other and for the next supervisor. It is a
 * tmpfs of its own, so that there is room even when /run is full.
 */
#ifndef WHERRY_GUEST_PATHS_H
#define WHERRY_GUEST_PATHS_H

#define RUN_DIR     "/run/wherry"
#define RUN_BOOT    RUN_DIR "/boot" /* how long PID 1's steps took: lines "BEGIN END NAME", in ms */
#define RUN_PHASE   RUN_DIR "/phase"        /* the name of the supervisor's phase */
#define RUN_SCRIPT  RUN_DIR "/script"       /* the last script of /etc/init.d that began */
#define RUN_RUNTIME RUN_DIR "/runtime"      /* the OCI runtime's state */
#define RUN_SOCKET  RUN_DIR "/service.sock" /* the supervisor's socket: client/request.h */
#define RUN_STATE   RUN_DIR "/state"        /* one file per container: life/record.h */

#define RUN_OWN RUN_DIR "/own-lines" /* exists once /var/log has the lines of this boot */

#define LOG_DIR "/var/log"

#define CGROUP_ROOT "/sys/fs/cgroup"
#define CGROUP_OWN  CGROUP_ROOT "/.wherry" /* of PID 1 and the supervisor */

#endif
