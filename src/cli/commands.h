/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs, each in its cmd-VERB.c. */
#ifndef WHERRY_CLI_COMMANDS_H
#define WHERRY_CLI_COMMANDS_H

#include "cli/cli.h"

struct store;
struct net;

/* The store in the folder of context_cache_dir. */
int context_open_store(const struct context *ctx, struct store **ret, struct werr **err);
/* The network, as the global options say; nothing is done until the first request. */
int context_open_net(const struct context *ctx, struct net **ret, struct werr **err);

extern const struct command command_build;
extern const struct command command_cache_clean;
extern const struct command command_cache_du;
extern const struct command command_cache_export;
extern const struct command command_cache_gc;
extern const struct command command_cache_import;
extern const struct command command_cache_ls;
extern const struct command command_cache_pull;
extern const struct command command_cache_push;
extern const struct command command_cache_rm;
extern const struct command command_cache_verify;
extern const struct command command_cat;
extern const struct command command_check;
extern const struct command command_complete;
extern const struct command command_completion;
extern const struct command command_help;
extern const struct command command_inspect;
extern const struct command command_lock;
extern const struct command command_login;
extern const struct command command_logout;
extern const struct command command_ls;
extern const struct command command_pkg_build;
extern const struct command command_pkg_push;
extern const struct command command_pkg_show_tag;
extern const struct command command_run_qemu;
extern const struct command command_schema;
extern const struct command command_version;

#endif
