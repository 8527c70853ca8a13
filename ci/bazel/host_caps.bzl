"""What a test may do on this host: @host_caps//:root where the probe came through, else :plain."""

_BUILD = """
package(default_visibility = ["//visibility:public"])
constraint_setting(name = "privilege", default_constraint_value = ":%s")
constraint_value(name = "root", constraint_setting = ":privilege")
constraint_value(name = "plain", constraint_setting = ":privilege")
"""

# Namespaces and bpffs (the wrapper), an XSKMAP (CAP_BPF, CAP_NET_ADMIN), an AF_XDP socket (CAP_NET_RAW).
_PROBE = """
bpftool map create /sys/fs/bpf/probe type xskmap key 4 value 4 entries 1 name probe &&
/usr/bin/python3 -c 'import socket; socket.socket(44, socket.SOCK_RAW)'
"""

def _host_caps_impl(ctx):
    found = ctx.os.environ.get("PENSTOCK_PRIVILEGE", "")  # root or plain: overrules the probe
    if not found:
        probe = ctx.execute(
            [ctx.path(Label("//ci/bazel:in_netns.sh")), "/bin/sh", "-c", _PROBE],
            environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        )
        found = "plain" if probe.return_code else "root"
        if probe.return_code:
            # buildifier: disable=print
            print("privileged tests will be SKIPPED: " + probe.stderr.strip())
    ctx.file("WORKSPACE", "")
    ctx.file("BUILD", _BUILD % found)

host_caps = repository_rule(
    implementation = _host_caps_impl,
    local = True,
    configure = True,
    environ = ["PENSTOCK_PRIVILEGE"],
)
