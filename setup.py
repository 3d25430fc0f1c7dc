"""The compiled modules of `engine/`; everything else is said in pyproject.toml."""

from Cython.Build import cythonize
from setuptools import Extension, setup

MODULES = ("arbitrate", "characters", "concepts", "facts", "firing", "scoring")

setup(
    ext_modules=cythonize(
        [Extension(f"engine.{name}", [f"engine/{name}.pyx"]) for name in MODULES],
        build_dir="build/cython",
    )
)
