"""What the office keeps: projects, keys, the audit log, and which workers are alive."""
