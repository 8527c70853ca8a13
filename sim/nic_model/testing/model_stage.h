// The stage of kernel_facts.h on the model.
//
// Thread safety: none.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/classify/classifier.h"
#include "engine/xsk/testing/fake_kernel.h"
#include "engine/xsk/umem.h"
#include "sim/nic_model/kernel_facts.h"
#include "sim/nic_model/nic.h"
#include "sim/nic_model/xdp_program.h"

namespace penstock {

// What must be there before the stage's base is made.
struct ModelStageParts {
  ModelStageParts(const StageShape& stage_shape, std::uint32_t first_index)
      : shape(stage_shape),
        kernel(umem.memory()),
        // Frames longer than a chunk are redirected too: what the kernel does with them is a fact of its own.
        program(Filter::kUserspace, *Classifier::create({.ports = {8003}, .max_frame = 3'400})),
        nic({.queues = shape.queues}, kernel, program, [this](auto) { ++passed; }),
        socket(kernel.add_queue(
            {.rx_entries = kStageRxEntries, .fill_entries = kStageFillEntries, .first_index = first_index})) {
    nic.bind(shape.socket);
    program.set_socket(shape.socket, socket.fd);
    program.net_clock().excuse();
  }

  StageShape shape;
  std::uint64_t passed = 0;
  Umem umem = *Umem::create(kStageFrames);
  FakeKernel kernel;
  ModelProgram program;
  NicModel nic;
  FakeKernel::Socket socket;
};

class ModelStage final : private ModelStageParts, public KernelStage {
 public:
  explicit ModelStage(const StageShape& shape = {}, std::uint32_t first_index = 0)
      : ModelStageParts(shape, first_index), KernelStage({socket.fill, socket.rx}) {}

  void arrive(std::size_t bytes) override { arrive_bytes(std::vector<std::byte>(bytes)); }
  void arrive_of(std::uint16_t flow) override { arrive_bytes(frame_of_flow(flow)); }
  void send_in_vain() override { nic.arrive(frame_of_flow(0)); }
  xdp_statistics statistics() override {
    xdp_statistics s{};
    nic.statistics(socket.fd, s);
    return s;
  }
  std::uint64_t passed() override { return ModelStageParts::passed; }
  int wake() override { return nic.wake_rx(socket.fd); }
  int poll_now() override { return nic.wait(std::array{socket.fd}, 0); }
  void set_link(bool up) override { nic.set_link(up); }
  int set_queues(std::uint32_t count) override { return nic.set_queues(count); }
  int bind_another() override { return nic.bind(shape.socket); }
  void name_socket(bool named) override {
    if (named) {
      program.set_socket(shape.socket, socket.fd);
    } else {
      program.clear_socket(shape.socket);
    }
  }

 private:
  void arrive_bytes(const std::vector<std::byte>& frame) {
    nic.arrive(frame);
    nic.poll(0);
  }
};

}  // namespace penstock
