// Classic BPF by hand.
#include "engine/confine/seccomp_filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

namespace penstock {
namespace {

constexpr std::uint32_t kRefuse = SECCOMP_RET_TRAP;

sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
sock_filter give(std::uint32_t verdict) {
  return BPF_STMT(BPF_RET | BPF_K, verdict);
}
// Goes on with the next instruction, or behind it when what is loaded is another value.
sock_filter if_equal(std::uint32_t value) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
}
// The same for a bit of it.
sock_filter if_any_bit(std::uint32_t bits) {
  return BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
}

// The verdict on a call whose argument is loaded.
std::vector<sock_filter> judge_argument(const ArgumentRule& rule, pid_t process) {
  using Kind = ArgumentRule::Kind;
  std::vector<sock_filter> code;
  switch (rule.kind) {
    case Kind::kAny:
      return {give(SECCOMP_RET_ALLOW)};
    case Kind::kOneOf:
      for (const std::uint32_t value : rule.values) {
        code.push_back(if_equal(value));
        code.push_back(give(SECCOMP_RET_ALLOW));
      }
      code.push_back(give(kRefuse));
      return code;
    case Kind::kHasBits:
      return {BPF_STMT(BPF_ALU | BPF_AND | BPF_K, rule.values[0]), if_equal(rule.values[0]),
              give(SECCOMP_RET_ALLOW), give(kRefuse)};
    case Kind::kLacksBits:
      return {if_any_bit(rule.values[0]), give(kRefuse), give(SECCOMP_RET_ALLOW)};
    case Kind::kThisProcess:
      return {if_equal(static_cast<std::uint32_t>(process)), give(SECCOMP_RET_ALLOW), give(kRefuse)};
  }
  return {give(kRefuse)};
}

bool is_listed(const AllowedCall& call, const FilterOptions& options) {
  if (call.io_uring && !options.io_uring) return false;
  return is_of_list(call, options.caller);
}

}  // namespace

std::vector<sock_filter> seccomp_filter(const FilterOptions& options) {
  // Calls of another instruction set would be numbered differently.
  std::vector<sock_filter> filter = {load(offsetof(seccomp_data, arch)),
                                     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
                                     give(SECCOMP_RET_KILL_PROCESS), load(offsetof(seccomp_data, nr))};
  for (const AllowedCall& call : allowed_calls()) {
    if (!is_listed(call, options)) continue;
    std::vector<sock_filter> body;
    if (call.answer != 0) {
      body = {give(SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(call.answer))};
    } else {
      body = judge_argument(call.rule, options.process);
      if (call.rule.kind != ArgumentRule::Kind::kAny) {
        constexpr std::size_t kWord = sizeof(std::uint64_t);  // little-endian: the low half first
        body.insert(body.begin(), load(offsetof(seccomp_data, args) + call.rule.argument * kWord));
      }
    }
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call.number), 0,
                              static_cast<std::uint8_t>(body.size())));
    filter.insert(filter.end(), body.begin(), body.end());
  }
  filter.push_back(give(kRefuse));
  return filter;
}

Status put_under(const std::vector<sock_filter>& filter) {
  const sock_fprog program{static_cast<unsigned short>(filter.size()),
                           const_cast<sock_filter*>(filter.data())};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0) return {};
  return fail("put a thread under its list of system calls", errno,
              "use a kernel with CONFIG_SECCOMP_FILTER, or set confined = false");
}

}  // namespace penstock
