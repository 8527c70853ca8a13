"""BPF objects, made with clang and llvm-strip: embedded by objcopy, or with bpftool's libbpf skeleton."""

load("@rules_cc//cc:defs.bzl", "cc_library")

def _compile(name, src, hdrs):
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
def embedded_bpf_object(name, src, hdrs = [], visibility = None):
    """Compiles a BPF source and embeds the object file, for the loaders of //engine/xdp/loader.

    Makes NAME.bpf.o, NAME.object.h, which declares NAME_bpf_object() as its bytes, and a cc_library NAME.

    Args:
      name: of the object; begins the kernel's names of its maps of variables.
      src: one .bpf.c file.
      hdrs: headers that it includes, by path from the workspace root.
      visibility: of the library.
    """
    _compile(name, src, hdrs)

    # Read-only, of the alignment of its structures, and with the mark that no stack needs to be executable.
    symbols = " ".join([
        "--redefine-sym _binary_embedded_{0}=penstock_{1}_{0}".format(end, name)
        for end in ["start", "end"]
    ])
    native.genrule(
        name = name + "_embedded",
        srcs = [name + ".bpf.o"],
        outs = [name + ".embedded.o"],
        cmd = " ".join([
            "cp $< embedded && objcopy -I binary -O elf64-x86-64 --set-section-alignment .data=8",
            "--rename-section .data=.rodata,alloc,load,readonly,data,contents",
            symbols,
            "--strip-symbol _binary_embedded_size --add-section .note.GNU-stack=/dev/null embedded $@",
            "&& rm -f embedded",
        ]),
        message = "Embedding BPF",
    )
    native.genrule(
        name = name + "_object_h",
        outs = [name + ".object.h"],
        cmd = """cat > $@ <<'END'
// The bytes of {name}.bpf.o. Made by //bpf:bpf.bzl.
#pragma once

#include <cstddef>
#include <span>

// NOLINTBEGIN(readability-identifier-naming): symbols of objcopy
extern "C" const std::byte penstock_{name}_start[];
extern "C" const std::byte penstock_{name}_end[];
// NOLINTEND(readability-identifier-naming)

inline std::span<const std::byte> {name}_bpf_object() {{
  return {{penstock_{name}_start, penstock_{name}_end}};
}}
END""".format(name = name),
    )
    cc_library(
        name = name,
        srcs = [name + ".embedded.o"],
        hdrs = [name + ".object.h"],
        linkstatic = True,
        visibility = visibility,
    )

def bpf_object(name, src, hdrs = [], visibility = None):
    """Compiles a BPF source and wraps its skeleton.

    Makes NAME.bpf.o, NAME.skel.h (its functions begin with NAME__) and a cc_library NAME.

    Args:
      name: the skeleton's name.
      src: one .bpf.c file.
      hdrs: headers that it includes, by path from the workspace root.
      visibility: of the library.
    """
    _compile(name, src, hdrs)
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
