# SPDX-License-Identifier: Apache-2.0
"""Runs before the tests of this directory: the component images, which take a while the first time."""
import unittest

import images

# Of PID 1, the supervisor and the small tools, which are one file: it is in each initrd, and in memory.
GUEST_MAX = 400 << 10


class Packages(unittest.TestCase):
    def test_every_component_image_is_made_and_then_found(self):
        images.make_packages()
        listed = images.wherry("cache", "ls")
        for name in images.PACKAGES:
            self.assertIn(images.tag(name), listed)

    @unittest.skipUnless(images.ARCH == "amd64", "for the architecture that it is measured on")
    def test_the_guest_stays_small(self):
        images.make_package("init")
        size = len(images.wherry("cat", images.tag("init"), "init", text=False))
        print("the guest has %d bytes of %d" % (size, GUEST_MAX))
        self.assertLessEqual(size, GUEST_MAX)


if __name__ == "__main__":
    unittest.main()
