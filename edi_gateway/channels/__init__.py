"""The ways in and out of the gateway that services ask for through ports: HTTP posts and folders shared with the ERP."""
