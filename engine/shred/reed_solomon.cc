// Lagrange interpolation over GF(2^8) gives the matrix; our kernel or ISA-L applies it.
#include "engine/shred/reed_solomon.h"

#include <bit>

#include <isa-l/erasure_code.h>

#include "engine/base/check.h"
#include "engine/shred/galois_kernel.h"

namespace penstock {
namespace {

constexpr int kKnown = 32;
constexpr std::uint64_t kDataMask = 0xffff'ffff;
constexpr std::size_t kTableBytes = 32;  // ISA-L's expansion of one coefficient

// Logarithms and powers of the generator 2. The powers repeat, so that a sum of two logarithms
// needs no reduction.
struct Field {
  std::array<std::uint8_t, 256> log{};
  std::array<std::uint8_t, 510> exp{};
};

constexpr Field kField = [] {
  Field field;
  unsigned value = 1;
  for (unsigned power = 0; power < 255; ++power) {
    field.exp[power] = field.exp[power + 255] = static_cast<std::uint8_t>(value);
    field.log[value] = static_cast<std::uint8_t>(power);
    value <<= 1;
    if (value & 0x100) value ^= 0x11d;
  }
  return field;
}();

unsigned log_of(unsigned value) {
  return kField.log[value];
}

// Writes the rows of erasure_matrix(). L_k(x) = prod over m != k of (x^m)/(k^m): the product of all
// (x^m) is shared by a row, the weight prod (k^m) by a column.
void lagrange_rows(std::uint64_t known, std::uint64_t wanted, std::uint8_t* rows) {
  std::array<unsigned, kKnown> points{};
  for (int i = 0; i < kKnown; ++i, known &= known - 1) {
    points[static_cast<std::size_t>(i)] = static_cast<unsigned>(std::countr_zero(known));
  }
  std::array<unsigned, kKnown> log_weights{};
  for (std::size_t k = 0; k < kKnown; ++k) {
    for (std::size_t m = 0; m < kKnown; ++m) {
      if (m != k) log_weights[k] += log_of(points[k] ^ points[m]);
    }
    log_weights[k] %= 255;
  }
  for (; wanted != 0; wanted &= wanted - 1) {
    const auto x = static_cast<unsigned>(std::countr_zero(wanted));
    unsigned log_product = 0;
    for (const unsigned point : points)
      log_product += log_of(x ^ point);
    log_product %= 255;
    for (std::size_t k = 0; k < kKnown; ++k) {
      const unsigned log = log_product + 510 - log_of(x ^ points[k]) - log_weights[k];
      *rows++ = kField.exp[log % 255];
    }
  }
}

void check_masks(std::uint64_t known, std::uint64_t wanted) {
  PENSTOCK_CHECK(std::popcount(known) == kKnown);
  PENSTOCK_CHECK((known & wanted) == 0);
}

// ISA-L takes sources as non-const and does not write to them.
unsigned char* isal_pointer(std::byte* shard) {
  return reinterpret_cast<unsigned char*>(shard);
}

}  // namespace

std::vector<std::uint8_t> erasure_matrix(std::uint64_t known, std::uint64_t wanted) {
  check_masks(known, wanted);
  std::vector<std::uint8_t> rows(static_cast<std::size_t>(std::popcount(wanted)) * kKnown);
  lagrange_rows(known, wanted, rows.data());
  return rows;
}

ReedSolomon::ReedSolomon(Engine engine)
    : kernel_(engine == Engine::kBest && processor_has_galois_kernel()),
      encode_matrix_(erasure_matrix(kDataMask, ~kDataMask)),
      encode_tables_(std::size_t{kKnown} * kKnown * kTableBytes) {
  ec_init_tables(kKnown, kKnown, encode_matrix_.data(), encode_tables_.data());
}

void ReedSolomon::encode(const ErasureShards& shards, std::size_t size) const {
  std::array<unsigned char*, 64> pointers;
  for (std::size_t i = 0; i < pointers.size(); ++i)
    pointers[i] = isal_pointer(shards[i]);
  if (kernel_ && size >= kGaloisMinSize) {
    galois_products(encode_matrix_.data(), kKnown, pointers.data(), pointers.data() + kKnown, size);
    return;
  }
  ec_encode_data(static_cast<int>(size), kKnown, kKnown, const_cast<unsigned char*>(encode_tables_.data()),
                 pointers.data(), pointers.data() + kKnown);
}

void ReedSolomon::recover(const ErasureShards& shards, std::size_t size, std::uint64_t known,
                          std::uint64_t wanted) const {
  check_masks(known, wanted);
  const int rows = std::popcount(wanted);
  if (rows == 0) return;
  std::array<std::uint8_t, std::size_t{kKnown} * kKnown> matrix;
  lagrange_rows(known, wanted, matrix.data());

  std::array<unsigned char*, kKnown> sources;
  std::array<unsigned char*, kKnown> targets;
  std::size_t source = 0;
  std::size_t target = 0;
  for (std::size_t member = 0; member < shards.size(); ++member) {
    const std::uint64_t bit = std::uint64_t{1} << member;
    if ((known & bit) != 0) sources[source++] = isal_pointer(shards[member]);
    if ((wanted & bit) != 0) targets[target++] = isal_pointer(shards[member]);
  }
  if (kernel_ && size >= kGaloisMinSize) {
    galois_products(matrix.data(), target, sources.data(), targets.data(), size);
    return;
  }
  std::array<unsigned char, std::size_t{kKnown} * kKnown * kTableBytes> tables;
  ec_init_tables(kKnown, rows, matrix.data(), tables.data());
  ec_encode_data(static_cast<int>(size), kKnown, rows, tables.data(), sources.data(), targets.data());
}

}  // namespace penstock
