/* SPDX-License-Identifier: Apache-2.0 */
/* What apk has installed: lib/apk/db/installed (Alpine's wiki, "Apk spec"). */
#ifndef WHERRY_INVENTORY_APK_H
#define WHERRY_INVENTORY_APK_H

#include "inventory/software.h"

int apk_read_installed(struct software_list *l, const char *text, size_t size, struct werr **err);

#endif
