# SPDX-License-Identifier: Apache-2.0
"""Runs before the tests of this directory: the component images, which take a while the first time."""
import unittest

import images


class Packages(unittest.TestCase):
    def test_every_component_image_is_made_and_then_found(self):
        images.make_packages()
        listed = images.wherry("cache", "ls")
        for name in images.PACKAGES:
            self.assertIn(images.tag(name), listed)


if __name__ == "__main__":
    unittest.main()
