// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import picocli.CommandLine.Command;

@Command(
        name = "federation",
        description = "Federation relationships",
        subcommands = {
            FederationCreateCommand.class,
            FederationUpdateCommand.class,
            FederationListCommand.class,
            FederationShowCommand.class,
            FederationDeleteCommand.class,
            FederationRefreshCommand.class
        })
final class FederationCommand {}
