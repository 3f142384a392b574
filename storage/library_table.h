#pragma once

#include <cstdint>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "storage/transaction.h"

namespace holdfast::storage {

// The code of function libraries (FUNCTION LOAD) by the libraries' names, in a table of their own: no
// database holds them, so FLUSHALL and SWAPDB leave them alone. Who keeps the libraries ready in memory
// learns from the generation whether that is still what is stored:
//
//   LibraryTable table(transaction);
//   table.Put("mylib", "#!lua name=mylib\n...");
//   if (table.generation() != seen) table.ForEach([](std::string_view code) { ... });
//
// Lives for one command; what it is limited by is Transaction.
class LibraryTable {
 public:
  explicit LibraryTable(Transaction& transaction) : transaction_(transaction) {}

  // Another number after each Put and Delete, and the earlier one when they are taken back; 0: nothing was
  // ever stored.
  [[nodiscard]] uint64_t generation() const;
  // In place of the library of that name, if there is one.
  void Put(std::string_view name, std::string_view code);
  void Delete(std::string_view name);
  // In no order that means anything. `visit` must not change the table.
  void ForEach(absl::FunctionRef<void(std::string_view code)> visit) const;

 private:
  void Renew();
  // The library's code, if there is one, is about to go.
  void NoteShrinking(std::string_view name);

  Transaction& transaction_;
};

}  // namespace holdfast::storage
