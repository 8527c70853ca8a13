// The order of it.
#include "engine/commands/shut_in.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <openssl/evp.h>

#include "engine/confine/confinement.h"
#include "engine/privilege/own_privileges.h"

namespace penstock {
namespace {

// OpenSSL reads its configuration at the first digest, which would else be a tile's, and files are closed to
// it.
void have_openssl_ready() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  static_cast<void>(EVP_Digest("", 0, digest.data(), &length, EVP_sha256(), nullptr));
}

}  // namespace

Result<ShutIn> ShutIn::now(const RunConfig& config, const std::filesystem::path& file) {
  ShutIn shut_in(file);
  if (!config.confined) return shut_in;
  // With path = "auto" it starts processes, which are to have what a fresh start has.
  Result<std::unique_ptr<Broker>> broker =
      Broker::start({.interfaces = interfaces_of(config), .listed = config.path.has_value(), .file = file});
  if (!broker) return tl::unexpected(broker.error());
  shut_in.broker_ = std::move(*broker);
  have_openssl_ready();
  const bool io_uring = !config.path || *config.path == Path::kIoUring;
  if (Status s = confine_process({.io_uring = io_uring}); !s) return fail("confine the engine", s.error());
  return shut_in;
}

Privileges* ShutIn::privileges() const {
  return broker_ ? broker_.get() : own_privileges();
}

Result<UniqueFd> ShutIn::ask_fresh_doctor() {
  if (broker_) return broker_->ask_fresh_doctor();
  doctor_.reset();
  Result<FreshDoctor> doctor = FreshDoctor::ask(file_);
  if (!doctor) return tl::unexpected(doctor.error());
  return doctor_.emplace(std::move(*doctor)).take_output();
}

}  // namespace penstock
