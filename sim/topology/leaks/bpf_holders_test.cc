// Holders of each kind are seen, and what another PID namespace holds is nobody's here. Needs root.
#include "sim/topology/leaks/bpf_holders.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/unique_fd.h"
#include "sim/topology/leaks/kernel_objects.h"

namespace penstock {
namespace {

UniqueFd make_map() {
  return UniqueFd(bpf_map_create(BPF_MAP_TYPE_ARRAY, "penstock_held", 4, 4, 1, nullptr));
}

BpfObject object_of(const UniqueFd& map) {
  bpf_map_info info{};
  __u32 length = sizeof(info);
  EXPECT_EQ(bpf_obj_get_info_by_fd(map.get(), &info, &length), 0);
  return {BpfKind::kMap, info.id};
}

bool is_held(const BpfObject& object) {
  return held_bpf_objects().contains(object);
}

TEST(BpfHolders, SeeADescriptor) {
  UniqueFd map = make_map();
  ASSERT_TRUE(map) << errno;
  const BpfObject object = object_of(map);
  EXPECT_TRUE(is_held(object));
  map.reset();
  EXPECT_FALSE(is_held(object));
}

TEST(BpfHolders, SeeTheMapsOfAProgram) {
  UniqueFd map = make_map();
  ASSERT_TRUE(map);
  const BpfObject object = object_of(map);
  const bpf_insn load_map[] = {
      {.code = BPF_DW | BPF_IMM,  // of the class BPF_LD, which is 0
       .dst_reg = BPF_REG_1,
       .src_reg = BPF_PSEUDO_MAP_FD,
       .off = 0,
       .imm = map.get()},
      {},
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .src_reg = 0, .off = 0, .imm = 1},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0}};
  UniqueFd program(
      bpf_prog_load(BPF_PROG_TYPE_XDP, "penstock_holds", "GPL", load_map, std::size(load_map), nullptr));
  ASSERT_TRUE(program) << errno;
  map.reset();
  EXPECT_TRUE(is_held(object));
  program.reset();
  EXPECT_FALSE(is_held(object));
}

TEST(BpfHolders, SeeAPin) {
  std::string folder = "/tmp/penstock.XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  ASSERT_EQ(mount("bpf", folder.c_str(), "bpf", 0, nullptr), 0) << errno;
  UniqueFd map = make_map();
  ASSERT_TRUE(map);
  const BpfObject object = object_of(map);
  ASSERT_EQ(bpf_obj_pin(map.get(), (folder + "/pinned").c_str()), 0) << errno;
  map.reset();
  EXPECT_TRUE(is_held(object));
  ASSERT_EQ(umount(folder.c_str()), 0) << errno;
  EXPECT_FALSE(is_held(object));
  rmdir(folder.c_str());
}

// Runs `look` where nothing of this process can be seen, as another test of this machine would; its result.
template <typename Look>
bool from_another_pid_namespace(Look&& look) {
  const pid_t starter = fork();
  if (starter == 0) {
    if (unshare(CLONE_NEWPID | CLONE_NEWNS) != 0) _exit(2);
    const pid_t first = fork();
    if (first == 0) {
      const bool proc = mount("", "/", "", MS_REC | MS_PRIVATE, nullptr) == 0 &&
                        mount("proc", "/proc", "proc", 0, nullptr) == 0;
      _exit(!proc ? 2 : look() ? 0 : 1);
    }
    int status = 0;
    waitpid(first, &status, 0);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
  }
  int status = 0;
  EXPECT_EQ(waitpid(starter, &status, 0), starter);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) < 2) << status;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(BpfHolders, WhatAnotherRunHoldsDoesNotCountAsLeftBehind) {
  UniqueFd map = make_map();
  ASSERT_TRUE(map);
  const std::vector<std::string> names = {name_of(object_of(map)) + " penstock_held"};
  ASSERT_TRUE(KernelObjects::snapshot()->names().contains(names.front()));
  EXPECT_FALSE(wait_until_gone(names, 0)) << "here it is held";
  EXPECT_TRUE(from_another_pid_namespace([&] {
    const bool held_there_too = !wait_until_gone(names, 0);
    close(map.get());
    return held_there_too && KernelObjects::snapshot()->names().contains(names.front()) &&
           wait_until_gone(names, 0);
  }));
}

}  // namespace
}  // namespace penstock
