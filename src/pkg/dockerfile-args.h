/* SPDX-License-Identifier: Apache-2.0 */
/* The build arguments of a package with a Dockerfile. */
#ifndef WHERRY_PKG_DOCKERFILE_ARGS_H
#define WHERRY_PKG_DOCKERFILE_ARGS_H

#include "pkg/package.h"

/*
 * Add "NAME=VALUE" of build.yml's buildArgs, and then, which take precedence, of the files of
 * options->arg_files: a line each, blank lines and those that begin with '#' aside. In either
 * "NAME=@lkt:pkg:DIR" gives the image's name of the package in that directory, and
 * "A_%=@lkt:pkgs:DIR/PATTERN" one argument for each package that matches, in whose name "%" is the
 * image's name in capitals, as in LinuxKit; directories are relative to the file that names them.
 */
int dockerfile_args_read(const struct pkg *p, const struct pkg_options *options, struct strv *ret,
	struct werr **err);
/*
 * Add what the Dockerfile declares and nobody has set: PKG_HASH, PKG_IMAGE, SOURCE (of gitrepo),
 * REVISION (the commit, of a directory without changes).
 */
int dockerfile_args_complete(
	const struct pkg *p, const struct strv *declared, struct strv *args, struct werr **err);

#endif
