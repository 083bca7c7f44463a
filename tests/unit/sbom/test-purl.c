/* SPDX-License-Identifier: Apache-2.0 */
#include "sbom/purl.h"

#include "base/mem.h"
#include "base/str.h"
#include "check.h"

static const struct row {
	enum software_kind kind;
	const char *name, *version, *epoch, *arch, *distro, *release, *purl;
} rows[] = {
	{SOFTWARE_DEB, "libstdc++6", "1:12.2.0-14+deb12u1", "", "amd64", "debian", "12",
		"pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12"},
	{SOFTWARE_DEB, "a", "1~rc1", "", "", "", "", "pkg:deb/debian/a@1~rc1"},
	{SOFTWARE_DEB, "a", "1", "", "all", "ubuntu", "", "pkg:deb/ubuntu/a@1?arch=all"},
	{SOFTWARE_APK, "musl", "1.2.5-r0", "", "x86_64", "alpine", "3.20.1",
		"pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=alpine-3.20.1"},
	{SOFTWARE_RPM, "curl", "8.2-1.fc40", "2", "x86_64", "fedora", "40",
		"pkg:rpm/fedora/curl@8.2-1.fc40?arch=x86_64&distro=fedora-40&epoch=2"},
	{SOFTWARE_RPM, "curl", "8", "", "", "", "", "pkg:rpm/curl@8"},
	{SOFTWARE_GO, "github.com/Azure/go-ansiterm", "v0.1.0+x", "", "", "debian", "12",
		"pkg:golang/github.com/azure/go-ansiterm@v0.1.0%2Bx"},
	{SOFTWARE_GO, "tool", "", "", "", "", "", "pkg:golang/tool"},
	{SOFTWARE_DEB, "a b/c?d#e@f%", "\xc3\xa4", "", "", "", "",
		"pkg:deb/debian/a%20b%2Fc%3Fd%23e%40f%25@%C3%A4"},
};

static void test_software(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct software s = {.kind = row->kind};
		CLEANUP(free) char *purl = NULL;

		for (size_t k = 0; k < SOFTWARE_TEXTS; k++)
			s.text[k] = str_dup("");
		str_replace(&s.text[SOFTWARE_NAME], row->name);
		str_replace(&s.text[SOFTWARE_VERSION], row->version);
		str_replace(&s.text[SOFTWARE_EPOCH], row->epoch);
		str_replace(&s.text[SOFTWARE_ARCH], row->arch);
		purl = purl_of_software(&s, row->distro, row->release);
		assert_string_equal(purl, row->purl);
		for (size_t k = 0; k < SOFTWARE_TEXTS; k++)
			free(s.text[k]);
	}
}

#define DIGEST "sha256:5f567813fa920c62bdce0e869566da88890bd9ef9f5cc9e1ef42af9783eef01f"

static void test_images(ATTR_UNUSED void **state)
{
	struct image image = {.descriptor.digest.text = DIGEST, .platform.arch = "arm64"};
	CLEANUP(free) char *tagged = NULL;
	CLEANUP(free) char *pinned = NULL;

	image.name = str_dup("docker.io/library/nginx:1.27");
	tagged = purl_of_image(&image);
	str_replace(&image.name, "localhost:5000/a/b@" DIGEST);
	pinned = purl_of_image(&image);
	free(image.name);
	assert_string_equal(tagged, "pkg:oci/nginx@" DIGEST "?arch=arm64&"
				    "repository_url=docker.io/library/nginx&tag=1.27");
	assert_string_equal(pinned, "pkg:oci/b@" DIGEST "?arch=arm64&"
				    "repository_url=localhost:5000/a/b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_software),
		cmocka_unit_test(test_images),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
