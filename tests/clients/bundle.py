"""Gems of a lock file, installed by Bundler into build/clients/bundle, which all Gemfiles share."""

import os
import subprocess

import launcher


def environment(gemfile):
    """The variables under which `bundle exec` finds the gems of this Gemfile."""
    return {"BUNDLE_GEMFILE": str(gemfile), "BUNDLE_PATH": str(launcher.SCRATCH / "bundle"), "BUNDLE_FROZEN": "true"}


def install(gemfile):
    """Brings the gems of the lock file into the build folder; does nothing when they are there."""
    variables = os.environ | environment(gemfile)
    there = subprocess.run(["bundle", "check"], env=variables, stdout=subprocess.DEVNULL)
    if there.returncode != 0:
        subprocess.run(["bundle", "install", "--quiet"], env=variables, check=True)
