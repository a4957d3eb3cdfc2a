// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

/** How far a selector can be believed. */
public enum Assurance {
    /** The kernel says so; the process cannot change it. */
    KERNEL,
    /** A service of this node says so, such as the container engine, of a process that the kernel has assigned to it. */
    VOUCHED,
    /** The process says so of itself, as with its command line: any process of the same user could say the same. */
    CLAIMED
}
