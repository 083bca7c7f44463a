/* SPDX-License-Identifier: Apache-2.0 */
/* The options of the verbs about component images. */
#include "cli/component.h"

const struct option component_tag_options[] = {
	{.name = "build-yml",
		.kind = OPTION_TEXT,
		.value = "NAME",
		.help = "Name of the description in the directory; by default build.yml",
		.offset = offsetof(struct component_options, build_yml)},
	{.name = "dev",
		.kind = OPTION_FLAG,
		.help = "For experiments: your user name as the organisation, dev as the hash",
		.offset = offsetof(struct component_options, dev)},
	{.name = "force-dirty",
		.kind = OPTION_FLAG,
		.help = "Treat the directory as changed, even if it is not",
		.offset = offsetof(struct component_options, force_dirty)},
	{.name = "hash",
		.kind = OPTION_TEXT,
		.value = "HASH",
		.help = "The hash for the tag, instead of git's",
		.offset = offsetof(struct component_options, hash)},
	{.name = "hash-commit",
		.kind = OPTION_TEXT,
		.value = "COMMIT",
		.help = "Take the hash from this commit; by default HEAD",
		.offset = offsetof(struct component_options, hash_commit)},
	{.name = "hash-path",
		.kind = OPTION_TEXT,
		.value = "DIR",
		.help = "Take the hash of this directory instead",
		.offset = offsetof(struct component_options, hash_path)},
	{.name = "org",
		.kind = OPTION_TEXT,
		.value = "NAME",
		.help = "The organisation, instead of the description's",
		.environment = {"WHERRY_PKG_ORG", "LINUXKIT_PKG_ORG"},
		.offset = offsetof(struct component_options, org)},
	{.name = "tag",
		.kind = OPTION_TEXT,
		.value = "TEMPLATE",
		.help = "The tag, instead of the description's; {{.Hash}} stands for the hash",
		.offset = offsetof(struct component_options, tag)},
	{.name = "registry-creds",
		.kind = OPTION_ABSENT,
		.help = "a password on the command line can be seen by others; log in with: wherry "
			"login REGISTRY"},
	{0},
};

const struct option component_step_options[] = {
	{.name = "network",
		.kind = OPTION_FLAG,
		.help = "Give the build step the machine's network",
		.offset = offsetof(struct component_options, network)},
	{.name = "nonetwork",
		.kind = OPTION_FLAG,
		.help = "Give the build step no network, whatever the description says",
		.offset = offsetof(struct component_options, nonetwork)},
	{.name = "disable-cache",
		.kind = OPTION_FLAG,
		.help = "Run the build step even if its results were kept",
		.offset = offsetof(struct component_options, disable_cache)},
	{.name = "enable-cache",
		.kind = OPTION_FLAG,
		.help = "Use the results that were kept, as by default",
		.offset = offsetof(struct component_options, enable_cache)},
	{0},
};

/* For BuildKit: they only say how to build, so that nothing changes without them. */
#define BUILDKIT(name_, kind_, field_)                                             \
	{                                                                          \
		.name = (name_), .kind = (kind_),                                  \
		.value = (kind_) == OPTION_FLAG ? NULL : "VALUE",                  \
		.help = "For LinuxKit's scripts; changes nothing", .hidden = true, \
		.offset = offsetof(struct component_options, field_)               \
	}

/* For a Dockerfile: they matter only if something has to be built. */
#define DOCKERFILE(name_, kind_, field_)                                                 \
	{                                                                                \
		.name = (name_), .kind = (kind_),                                        \
		.value = (kind_) == OPTION_FLAG ? NULL : "VALUE",                        \
		.help = "For LinuxKit's scripts; an error if the image has to be built", \
		.hidden = true, .offset = offsetof(struct component_options, field_)     \
	}

const struct option component_build_options[] = {
	{.name = "force",
		.kind = OPTION_FLAG,
		.help = "Build also what is already in the cache",
		.offset = offsetof(struct component_options, force)},
	{.name = "platforms",
		.kind = OPTION_LIST,
		.value = "PLATFORM",
		.help = "Platform to build for, such as linux/arm64; by default this machine's",
		.offset = offsetof(struct component_options, platforms)},
	{.name = "arch",
		.kind = OPTION_LIST,
		.value = "ARCH",
		.help = "The same, by the architecture alone",
		.offset = offsetof(struct component_options, platforms)},
	{.name = "skip-platforms",
		.kind = OPTION_LIST,
		.value = "PLATFORM",
		.help = "Platform to build nothing for",
		.offset = offsetof(struct component_options, skip_platforms)},
	{.name = "pull",
		.kind = OPTION_FLAG,
		.help = "Pull an image that is not in the cache, if its registry has it, instead "
			"of building it",
		.offset = offsetof(struct component_options, pull)},
	BUILDKIT("builder-config", OPTION_TEXT, ignored),
	BUILDKIT("builder-image", OPTION_TEXT, ignored),
	BUILDKIT("builder-name", OPTION_TEXT, ignored),
	BUILDKIT("builder-restart", OPTION_FLAG, ignored_flag),
	BUILDKIT("builders", OPTION_TEXT, ignored),
	BUILDKIT("ignore-cached", OPTION_FLAG, ignored_flag),
	BUILDKIT("precache-images", OPTION_FLAG, ignored_flag),
	BUILDKIT("progress", OPTION_TEXT, ignored),
	DOCKERFILE("build-arg-file", OPTION_REPEAT, build_arg_files),
	DOCKERFILE("dockerfile", OPTION_TEXT, dockerfile),
	DOCKERFILE("sbom-scanner", OPTION_TEXT, sbom_scanner),
	DOCKERFILE("ssh", OPTION_REPEAT, ssh),
	{.name = "docker",
		.kind = OPTION_FLAG,
		.help = "Give the image to Docker or Podman as well, through its local API",
		.offset = offsetof(struct component_options, docker)},
	{.name = "dry-run",
		.kind = OPTION_ABSENT,
		.help = "no docker command is run; `wherry pkg show-tag DIR` shows what would be "
			"built"},
	{0},
};

const struct option component_push_options[] = {
	{.name = "nobuild",
		.kind = OPTION_FLAG,
		.help = "Build nothing: push what is in the cache",
		.offset = offsetof(struct component_options, nobuild)},
	{.name = "manifest",
		.kind = OPTION_FLAG,
		.help = "Push the index of all platforms, as by default; --manifest=false pushes "
			"an image TAG-ARCH for each platform alone",
		.fallback = "true",
		.offset = offsetof(struct component_options, manifest)},
	{.name = "release",
		.kind = OPTION_TEXT,
		.value = "TAG",
		.help = "Push under this tag as well",
		.offset = offsetof(struct component_options, release)},
	{.name = "override",
		.kind = OPTION_FLAG,
		.help = "Replace another image that the registry has under this name",
		.offset = offsetof(struct component_options, override)},
	{0},
};
