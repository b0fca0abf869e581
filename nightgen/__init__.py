"""nightgen: night photographs, night surveillance and night thermal images to daytime colour, and colour for grey ones.

Importing this package loads neither torch nor any network: the registries import what a config names.
"""

from mmengine.config.utils import MODULE2PACKAGE

__version__ = '0.1.0'

# Lets `_base_ = 'nightgen::...'` and mmengine's hub find the shipped configs. mmengine looks the value up as a
# distribution first and trusts its location, which is wrong for an editable install; a name that only is a module is
# located by the module itself, which holds for a wheel, an editable install and a source tree on PYTHONPATH alike.
MODULE2PACKAGE['nightgen'] = 'nightgen.registry'
