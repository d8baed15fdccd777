"""Pure rules of the boundary: agreements, translation, validation, copies, receipts."""
