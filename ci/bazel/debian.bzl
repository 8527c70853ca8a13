"""Makes Debian bookworm's packaged Bazel rules load under its Bazel 4.2.3, offline."""

_CC = "/usr/share/bazel/rules/cc/"

_LINKED = [
    "BUILD",
    "cc/BUILD",
    "cc/action_names.bzl",
    "cc/cc_toolchain_config_lib.bzl",
    "cc/defs.bzl",
    "cc/find_cc_toolchain.bzl",
    "cc/system_library.bzl",
    "cc/toolchain_utils.bzl",
    "cc/private/rules_impl/BUILD",
    "cc/private/rules_impl/cc_flags_supplier_lib.bzl",
    "cc/private/rules_impl/native.bzl",
]

# These two load `use_cpp_toolchain`, which Bazel gained after 4.2.3.
_PATCHED = [
    "cc/private/rules_impl/cc_flags_supplier.bzl",
    "cc/private/rules_impl/compiler_flag.bzl",
]

def _debian_rules_cc_impl(ctx):
    ctx.file("WORKSPACE", "workspace(name = \"rules_cc\")\n")
    for path in _LINKED:
        ctx.symlink(_CC + path, path)
    for path in _PATCHED:
        text = ctx.read(_CC + path)
        text = text.replace('"find_cpp_toolchain", "use_cpp_toolchain"', '"find_cpp_toolchain"')
        text = text.replace("use_cpp_toolchain()", '["@bazel_tools//tools/cpp:toolchain_type"]')
        ctx.file(path, text)

debian_rules_cc = repository_rule(implementation = _debian_rules_cc_impl, local = True)

def _empty_coverage_tools_impl(ctx):
    ctx.file("WORKSPACE", "workspace(name = \"remote_coverage_tools\")\n")
    ctx.file("BUILD", """filegroup(
    name = "coverage_report_generator",
    visibility = ["//visibility:public"],
)
""")

# Bazel wants this repository for any test; the stub lets tests run, not `bazel coverage`.
empty_coverage_tools = repository_rule(implementation = _empty_coverage_tools_impl, local = True)
