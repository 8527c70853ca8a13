"""BPF objects and libbpf skeletons, made with clang, llvm-strip and bpftool."""

load("@rules_cc//cc:defs.bzl", "cc_library")

def bpf_object(name, src, hdrs = [], visibility = None):
    """Compiles a BPF source and wraps its skeleton.

    Makes NAME.bpf.o, NAME.skel.h (its functions begin with NAME__) and a cc_library NAME.

    Args:
      name: the skeleton's name.
      src: one .bpf.c file.
      hdrs: headers that it includes, by path from the workspace root.
      visibility: of the library.
    """
    native.genrule(
        name = name + "_o",
        srcs = [src] + hdrs,
        outs = [name + ".bpf.o"],
        cmd = " ".join([
            "clang -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror",
            "-fdebug-compilation-dir=.",
            "-D__TARGET_ARCH_x86 -I/usr/include/x86_64-linux-gnu -I.",
            "-c $(location %s) -o $@" % src,
            "&& llvm-strip -g $@",  # drops DWARF, keeps BTF
        ]),
        message = "Compiling BPF",
    )
    native.genrule(
        name = name + "_skel_h",
        srcs = [name + ".bpf.o"],
        outs = [name + ".skel.h"],
        cmd = "/usr/sbin/bpftool gen skeleton $< name %s > $@" % name,
        message = "Generating BPF skeleton",
    )
    cc_library(
        name = name,
        hdrs = [name + ".skel.h"],
        visibility = visibility,
        deps = ["@deb//:libbpf"],
    )
