// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import picocli.CommandLine.Command;

@Command(
        name = "localauthority",
        description = "What signs on this server",
        subcommands = {LocalX509Command.class, LocalJwtCommand.class})
final class LocalAuthorityCommand {}
