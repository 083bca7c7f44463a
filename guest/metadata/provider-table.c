/* SPDX-License-Identifier: Apache-2.0 */
/* provider: all of them. */
#include <string.h>

#include "base/str.h"
#include "metadata/cloud.h"

/*
 * What is in the machine comes first, as it answers at once. Not asked without being named: a host
 * that has to be looked up, as its answer, without TLS, could come from anybody on the way; Azure,
 * as it is told something; a file.
 */
const struct provider provider_table[] = {
	{"credentials", cloud_credentials},
	{"nocloud", cloud_nocloud},
	{"configdrive", cloud_configdrive},
	{"cdrom", cloud_cdrom},
	{"vmware", cloud_vmware, .vendor = "VMware"},
	{"aws", cloud_aws, .vendor = "Amazon EC2"},
	{"gcp", cloud_gcp, .product = "Google Compute Engine"},
	{"hetzner", cloud_hetzner, .vendor = "Hetzner"},
	{"openstack", cloud_openstack, .product = "OpenStack"},
	{"scaleway", cloud_scaleway, .vendor = "Scaleway"},
	{"vultr", cloud_vultr, .vendor = "Vultr"},
	{"digitalocean", cloud_digitalocean, .vendor = "DigitalOcean"},
	{"azure", cloud_azure, .only_named = true, .tag = "7783-7084-3265-9085-8269-3286-77"},
	{"equinixmetal", cloud_equinixmetal, .only_named = true},
	{"packet", cloud_equinixmetal, .only_named = true}, /* its former name */
	{"metaldata", cloud_metaldata, .only_named = true},
	{"file", cloud_file, .only_named = true},
};
const size_t provider_table_size = ARRAY_SIZE(provider_table);

const struct provider *provider_find(const char *word, const char **ret_argument)
{
	const char *path = str_after(word, "file=");

	*ret_argument = path && *path ? path : NULL;
	for (size_t i = 0; i < ARRAY_SIZE(provider_table); i++) {
		const struct provider *p = &provider_table[i];

		if (p->look == cloud_file ? *ret_argument != NULL : str_eq(p->name, word))
			return p;
	}
	return NULL;
}

const struct provider *provider_of_firmware(const struct smbios *firmware)
{
	const char *vendor = smbios_find(firmware, SMBIOS_SYSTEM, SMBIOS_SYSTEM_VENDOR);
	const char *product = smbios_find(firmware, SMBIOS_SYSTEM, SMBIOS_SYSTEM_PRODUCT);
	const char *tag = smbios_find(firmware, SMBIOS_CHASSIS, SMBIOS_CHASSIS_TAG);

	for (size_t i = 0; i < ARRAY_SIZE(provider_table); i++) {
		const struct provider *p = &provider_table[i];

		if ((p->vendor && str_after(vendor, p->vendor)) ||
			(p->product && str_after(product, p->product)) ||
			(p->tag && str_eq(tag, p->tag)))
			return p;
	}
	return NULL;
}
