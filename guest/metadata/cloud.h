/* SPDX-License-Identifier: Apache-2.0 */
/* The providers, each of which looks as provider.h says. */
#ifndef WHERRY_GUEST_CLOUD_H
#define WHERRY_GUEST_CLOUD_H

#include "metadata/provider.h"

typedef enum provider_sight cloud_look(
	struct provider_search *s, const char *argument, struct werr **err);

/* Whose services are trees of small texts; cloud-tree.c. */
cloud_look cloud_aws, cloud_digitalocean, cloud_gcp, cloud_hetzner, cloud_metaldata,
	cloud_openstack, cloud_vultr;
/* Those with protocols of their own. */
cloud_look cloud_azure, cloud_equinixmetal, cloud_scaleway;
/* What is on disks; cloud-disk.c. */
cloud_look cloud_cdrom, cloud_configdrive, cloud_nocloud;
/* What the virtual machine's host has put into its firmware. */
cloud_look cloud_credentials, cloud_vmware;
/* What NoCloud's meta-data has: YAML or JSON, NUL-terminated. */
void cloud_take_nocloud(
	struct provider_search *s, const char *text, size_t size, struct werr **err);
/* A file of the machine. */
cloud_look cloud_file;

#endif
