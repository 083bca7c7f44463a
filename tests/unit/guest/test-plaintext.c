/* SPDX-License-Identifier: Apache-2.0 */
/* Base64, XML, YAML, SSH keys, names of hosts, SMBIOS: what providers write in. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "metadata/plaintext.h"
#include "metadata/smbios.h"

static void check_base64(const char *text, const char *decoded)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1024);
	struct werr *err = NULL;
	int r = plaintext_base64(text, strlen(text), &out, &err);

	if (!decoded) {
		assert_fails(r, err, WERR_CORRUPT, "Base64");
		return;
	}
	assert_ok(r, err);
	assert_string_equal(buf_str(&out), decoded);
}

static void test_base64(ATTR_UNUSED void **state)
{
	check_base64("", "");
	check_base64("Zg==", "f");
	check_base64("Zm8=", "fo");
	check_base64("Zm8", "fo");
	check_base64("Zm9v\nYm\r\nFy", "foobar");
	check_base64("Zm9vYg==\n", "foob");
	check_base64("Zg=", NULL);
	check_base64("Z", NULL);
	check_base64("Zm9v=", NULL);
	check_base64("Zg==Zg==", NULL);
	check_base64("Zm9?", NULL);
	check_base64("=", NULL);
}

static void check_xml(const char *text, const char *element, const char *value)
{
	CLEANUP(free) char *found = plaintext_xml(text, strlen(text), element);

	if (value)
		assert_string_equal(found ? found : "(none)", value);
	else
		assert_null(found);
}

static void test_xml(ATTR_UNUSED void **state)
{
	static const char ovf[] =
		"<?xml version=\"1.0\"?>\n<!-- <HostName>no</HostName> -->\n"
		"<ns0:Environment xmlns:ns1='x>y'><ns1:ProvisioningSection>\n"
		"<ns1:HostName>web-1</ns1:HostName>"
		"<ns1:UserName a=\">\">a &lt;&amp;&#65;&#x20ac;&gt;</ns1:UserName>"
		"<CustomData><![CDATA[<&>]]></CustomData>\n<Empty/><None></None>"
		"<Outer><Inner>x</Inner></Outer>\n";

	check_xml(ovf, "HostName", "web-1");
	check_xml(ovf, "UserName", "a <&A\xe2\x82\xac>");
	check_xml(ovf, "CustomData", "<&>");
	check_xml(ovf, "Empty", "");
	check_xml(ovf, "None", "");
	check_xml(ovf, "Inner", "x");
	check_xml(ovf, "Outer", NULL);
	check_xml(ovf, "Host", NULL);
	check_xml("<!DOCTYPE x [<!ENTITY a 'b'>]><a>&a;</a>", "a", NULL);
	check_xml("<a>&unknown;</a>", "a", NULL);
	check_xml("<a>&#0;</a>", "a", NULL);
	check_xml("<a>&#xd800;</a>", "a", NULL);
	check_xml("<a>text", "a", NULL);
	check_xml("<a", "a", NULL);
	check_xml("<a><![CDATA[x", "a", NULL);
	check_xml("", "a", NULL);
}

static const char meta_data[] =
	"# made by hand\n---\ninstance-id: iid-1 # a remark\n"
	"local-hostname: \"web 1\"\nempty:\nflow: [a, b]\n"
	"nested:\n  local-hostname: no\n"
	"public-keys:\n  - ssh-ed25519 AAAA a@b\n  - 'ssh-rsa BBBB'\nafter: x\n";

static void check_yaml(const char *key, const char *value)
{
	CLEANUP(free) char *found = plaintext_yaml(meta_data, key);

	if (value)
		assert_string_equal(found ? found : "(none)", value);
	else
		assert_null(found);
}

static void check_list(const char *text, const char *lines)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1024);

	plaintext_yaml_list(text, "public-keys", &out);
	assert_string_equal(buf_str(&out), lines);
}

static void test_yaml(ATTR_UNUSED void **state)
{
	check_yaml("instance-id", "iid-1");
	check_yaml("local-hostname", "web 1");
	check_yaml("after", "x");
	check_yaml("empty", NULL);
	check_yaml("flow", NULL);
	check_yaml("instance", NULL);
	check_yaml("none", NULL);
	check_list(meta_data, "ssh-ed25519 AAAA a@b\nssh-rsa BBBB\n");
	check_list("public-keys: ssh-rsa A\nx: y\n", "ssh-rsa A\n");
	check_list("public-keys:\n- ssh-rsa A\n- ssh-rsa B\nx: y\n", "ssh-rsa A\nssh-rsa B\n");
	check_list("public-keys:\n  me: ssh-rsa A # mine\n\"x\": y\n", "ssh-rsa A\n");
	check_list("public-keys:", "");
	check_list("", "");
}

static void test_keys(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1024);

	plaintext_keys(
		"ssh-rsa A\r\n\n# remark\nno-pty ssh-rsa B \nssh-rsa \x1b[2J\nssh-rsa C", &out);
	assert_string_equal(buf_str(&out), "ssh-rsa A\nno-pty ssh-rsa B\nssh-rsa C\n");
}

static void test_hosts(ATTR_UNUSED void **state)
{
	static const char *const good[] = {"a", "web-1", "Web1.example.com", "1", "a.b"};
	static const char *const bad[] = {"", ".", "a.", "-a", "a-", "a b", "a_b", "a..b", "a/b",
		("a123456789a123456789a123456789a123456789a123456789a123456789a123"
		 "4")};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(plaintext_is_host(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(plaintext_is_host(bad[i]));
}

static void test_smbios(ATTR_UNUSED void **state)
{
	/* A system with a vendor and a product, OEM strings, the end. */
	static const unsigned char table[] = "\1\6\0\0\1\2Vendor\0Product\0\0"
					     "\13\5\1\0\2a=b\0c\0\0"
					     "\x7f\4\2\0\0";
	const struct smbios s = {(unsigned char *)(uintptr_t)table, sizeof(table)};
	struct smbios_entry e;
	size_t at = 0;

	assert_string_equal(smbios_find(&s, SMBIOS_SYSTEM, SMBIOS_SYSTEM_VENDOR), "Vendor");
	assert_string_equal(smbios_find(&s, SMBIOS_SYSTEM, SMBIOS_SYSTEM_PRODUCT), "Product");
	assert_string_equal(smbios_find(&s, SMBIOS_SYSTEM, 6), "");
	assert_string_equal(smbios_find(&s, SMBIOS_CHASSIS, SMBIOS_CHASSIS_TAG), "");
	assert_true(smbios_next(&s, &at, &e));
	assert_true(smbios_next(&s, &at, &e));
	assert_int_equal(e.type, SMBIOS_OEM_STRINGS);
	assert_int_equal(e.fixed[SMBIOS_OEM_COUNT], 2);
	assert_string_equal(smbios_text(&e, 2), "c");
	assert_null(smbios_text(&e, 3));
	assert_null(smbios_text(&e, 0));
	assert_true(smbios_next(&s, &at, &e));
	assert_null(smbios_text(&e, 1));
	assert_false(smbios_next(&s, &at, &e));
	/* Cut off anywhere, it has an end. */
	for (size_t size = 0; size < sizeof(table); size++) {
		const struct smbios part = {(unsigned char *)mem_dup(table, size), size};

		for (at = 0; smbios_next(&part, &at, &e);)
			assert_true(at <= size);
		free(part.table);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_xml),
		cmocka_unit_test(test_yaml),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_smbios),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
