// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.rotation;

/** One of the two places for an authority's key: while the one signs, the other holds its successor or is free. */
public enum Slot {
    A,
    B;

    public Slot other() {
        return switch (this) {
            case A -> B;
            case B -> A;
        };
    }
}
