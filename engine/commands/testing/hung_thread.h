// Stops one thread of a child process as if it hung, while the others run on, until the object goes.
//
// Thread safety: ptrace(2) belongs to the thread that made the object.
#pragma once

#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "engine/commands/testing/run_process.h"

namespace penstock {

class HungThread {
 public:
  HungThread(pid_t process, const std::string& name) {
    for (const auto& task :
         std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
      if (text_of(task.path() / "comm") == name + "\n") thread_ = std::stoi(task.path().filename().string());
    }
    EXPECT_EQ(ptrace(PTRACE_SEIZE, thread_, nullptr, nullptr), 0) << name;
    EXPECT_EQ(ptrace(PTRACE_INTERRUPT, thread_, nullptr, nullptr), 0);
    EXPECT_EQ(waitpid(thread_, nullptr, __WALL), thread_);
  }
  ~HungThread() { ptrace(PTRACE_DETACH, thread_, nullptr, nullptr); }
  HungThread(const HungThread&) = delete;
  HungThread& operator=(const HungThread&) = delete;

 private:
  pid_t thread_ = -1;
};

}  // namespace penstock
